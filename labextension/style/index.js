import './base.css';
import './marks.css';
import './steering.css';
