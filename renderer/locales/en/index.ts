import { at } from './at.ts';
import { board } from './board.ts';
import { errors } from './errors.ts';
import { flash } from './flash.ts';
import { frame } from './frame.ts';
import { log } from './log.ts';
import { monitor } from './monitor.ts';
import { firstRun, session, sessions } from './session.ts';
import { settings } from './settings.ts';
import { symbols } from './symbols.ts';
import { talk } from './talk.ts';

export const en = { at, board, errors, firstRun, flash, frame, log, monitor, session, sessions, settings, symbols, talk };
