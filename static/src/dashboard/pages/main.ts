import '../../styles/pages.css';
