import type { FlashPlan, FlashTask } from '../../../preload/contract/flash.ts';
import { PORT_PLACEHOLDER, shellWord } from './image/commands.ts';

type Commands = FlashPlan['commands'];
type Task = Exclude<FlashTask, { kind: 'write' }>;

/** A plan's command lines for the port that its job has. */
export function onPort(commands: Commands, address: string): Commands {
  return commands.map(({ tool, line }) => ({ tool, line: line.replace(PORT_PLACEHOLDER, () => shellWord(address)) }));
}

/** A plan's command lines with the options of what makes a board itself, which only ours has. */
export function withOptions(commands: Commands, words: readonly string[]): Commands {
  if (words.length === 0) return commands;
  return commands.map(({ tool, line }) => ({ tool, line: tool === 'talkbench' ? [line, ...words.map(shellWord)].join(' ') : line }));
}

/** What does the same as a task, on our own command line. */
export function commandOf(task: Task, address: string): Commands {
  const line = ['talkbench', ...wordsOf(task), ...wayOf(task.options), '--port', address].map(shellWord).join(' ');
  return [{ tool: 'talkbench', line }];
}

function wordsOf(task: Task): string[] {
  switch (task.kind) {
    case 'info':
      return ['flash-info', ...(task.family === 'esp' ? [] : ['--family', task.family])];
    case 'nvs':
      return ['nvs', 'read', '--partition', task.partition];
    case 'read':
      return ['read-flash', fileOf(task.what), ...rangeOf(task.what)];
    case 'erase':
      return ['erase', ...rangeOf(task.what), '--yes'];
  }
}

/** How the board is reached and left, where that was said. */
function wayOf({ baudRate, before, after, useStub }: Task['options']): string[] {
  return [
    ...(baudRate === undefined ? [] : ['--baud', String(baudRate)]),
    ...(before === undefined ? [] : ['--before', before]),
    ...(after === undefined ? [] : ['--after', after]),
    ...(useStub === false ? ['--no-stub'] : []),
  ];
}

type Range = Extract<Task, { kind: 'read' }>['what'];

/** What to save a part of the flash as. Never an option, whatever a partition is called. */
function fileOf(what: Range): string {
  if (what === 'all') return 'flash.bin';
  return 'partition' in what ? `flash-${what.partition.replaceAll('/', '_')}.bin` : `flash-0x${what.offset.toString(16)}.bin`;
}

function rangeOf(what: Range): string[] {
  if (what === 'all') return ['--all'];
  if ('partition' in what) return ['--partition', what.partition];
  return ['--offset', `0x${what.offset.toString(16)}`, '--size', `0x${what.sizeBytes.toString(16)}`];
}
