import './base.css';
import './understanding.css';
