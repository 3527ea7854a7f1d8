import type { BoardFault } from '../../preload/contract/board-faults.ts';
import type { virtualBoardKind } from '../../preload/contract/boards.ts';
import type { CheckVoice } from '../../preload/contract/checks.ts';
import type { Client } from '../../preload/contract/client.ts';
import type { Language } from './check-text.ts';
import type { CommonOptions } from './command.ts';
import type { Output } from './output.ts';

/** A failure is no verdict: a board that could not be checked is told apart from one that is bad. */
export const checkExitCodes = { passed: 0, failed: 1, notRun: 2, incomplete: 3, cancelled: 4 } as const;

export interface CheckOptions extends CommonOptions {
  port?: string;
  device?: { productId: string; deviceName: string };
  board: string;
  list?: string;
  serial: string;
  operator: string;
  only?: string[];
  voice: CheckVoice;
  unattended?: boolean;
  report: string[];
  lang: Language;
  virtual?: true | (typeof virtualBoardKind.options)[number];
  faults?: BoardFault[];
  lists?: boolean;
  listText?: string;
  inspect?: string;
  catalogue?: boolean;
  reference?: string;
  frameMs: string;
  opus?: string;
  history?: boolean;
  yield?: boolean;
}

/** What the command does, and its exit code. */
export type CheckBody = (client: Client, output: Output) => Promise<number>;

/** What can be refused before a core is begun for it: it resolves with what is left to do with one. */
export type CheckPlan = (output: Output) => Promise<CheckBody>;
