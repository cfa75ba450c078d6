import '../../styles/dashboard.css';
