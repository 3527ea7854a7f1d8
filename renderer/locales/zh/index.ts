import type { en } from '../en/index.ts';
import { at } from './at.ts';
import { board } from './board.ts';
import { tools } from './board-tools.ts';
import { errors } from './errors.ts';
import { flash } from './flash.ts';
import { job } from './flash-job.ts';
import { frame } from './frame.ts';
import { log } from './log.ts';
import { monitor } from './monitor.ts';
import { provisioning } from './provisioning.ts';
import { recipes } from './recipes.ts';
import { firstRun, session, sessions } from './session.ts';
import { settings } from './settings.ts';
import { symbols } from './symbols.ts';
import { talk } from './talk.ts';
import { wifiSetup } from './wifi-setup.ts';

/** The same keys as English: a missing or extra one is a type error. */
export const zh = {
  at,
  board,
  errors,
  firstRun,
  flash,
  frame,
  job,
  log,
  monitor,
  provisioning,
  recipes,
  session,
  sessions,
  settings,
  symbols,
  talk,
  tools,
  wifiSetup,
} satisfies typeof en;
