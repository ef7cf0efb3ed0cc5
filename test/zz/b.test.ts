import './absent.js'; 
