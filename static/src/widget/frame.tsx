import { render } from 'preact';
import '../styles/widget.css';

const root = document.getElementById('app');
if (root) render(<main />, root);
