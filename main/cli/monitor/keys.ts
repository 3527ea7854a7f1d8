/** What a person asks of the monitor while it runs. */
export type MonitorAction =
  | { kind: 'send'; bytes: Uint8Array }
  | { kind: 'exit' | 'help' | 'reset' | 'download' | 'toggle-output' | 'toggle-record' | 'toggle-time' };

const MENU = 0x14; // Ctrl-T
const EXIT = 0x1d; // Ctrl-]
const ENTER = 0x0d;

/** After Ctrl-T, with or without Ctrl: the letters of esp-idf-monitor's menu. */
const menu: Record<string, Exclude<MonitorAction['kind'], 'send'>> = {
  h: 'help',
  r: 'reset',
  p: 'download',
  y: 'toggle-output',
  l: 'toggle-record',
  i: 'toggle-time',
  x: 'exit',
};

export const keyHelp = `Keys: Ctrl-] ends. Ctrl-T, then:
  Ctrl-R reset the board          Ctrl-P reset into the ROM loader
  Ctrl-Y show the log or not      Ctrl-L record to the file or not
  Ctrl-I host time or not         Ctrl-H this help
  Ctrl-X end                      Ctrl-T or Ctrl-] send that key to the board
Everything else goes to the board as it is typed; Enter as the chosen line end.`;

/** Keys as a terminal in raw mode delivers them; state is only "Ctrl-T was pressed". */
export function createKeys(lineEnd: string): (keys: Uint8Array) => MonitorAction[] {
  let isInMenu = false;
  return (keys) => {
    const actions: MonitorAction[] = [];
    let typed: number[] = [];
    const flush = () => {
      if (typed.length > 0) actions.push({ kind: 'send', bytes: Uint8Array.from(typed) });
      typed = [];
    };
    for (const key of keys) {
      if (isInMenu) {
        isInMenu = false;
        if (key === MENU || key === EXIT) {
          typed.push(key);
          continue;
        }
        const letter = key < 0x20 ? String.fromCharCode(key + 0x60) : String.fromCharCode(key).toLowerCase();
        flush();
        actions.push({ kind: menu[letter] ?? 'help' });
      } else if (key === MENU) isInMenu = true;
      else if (key === EXIT) {
        flush();
        actions.push({ kind: 'exit' });
      } else if (key === ENTER) typed.push(...Buffer.from(lineEnd));
      else typed.push(key);
    }
    flush();
    return actions;
  };
}
