import './base.css';
import './understanding.css';
import './marks.css';
import './steering.css';
