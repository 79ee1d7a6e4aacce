/** Entry of the bundle. */

import './app/page.css';
import './app/drawer.css';
import './app/floating.css';
import './app/views.css';
import './app/tables.css';
import { start } from './app/start';

const host = document.getElementById('app');
if (host !== null) void start(host);
