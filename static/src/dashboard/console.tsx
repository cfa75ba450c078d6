import { render } from 'preact';
import '../styles/dashboard.css';

const root = document.getElementById('app');
if (root) render(<main />, root);
