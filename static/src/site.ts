import './styles/site.css';
import { closePickers } from './ui/pickers';

closePickers(document);
