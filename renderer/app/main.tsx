import '@mantine/core/styles.css';
import './app.css';
import { createRoot } from 'react-dom/client';
import { connect } from '../lib/connect.ts';
import { startI18n, systemLanguage } from '../lib/i18n.ts';
import { countingLab, talkbenchIdle } from '../lib/idle.ts';
import { App } from './app.tsx';

window.talkbenchIdle = talkbenchIdle;

const client = connect();
await startI18n(systemLanguage());
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(<App lab={countingLab(client)} connection={client} />);
