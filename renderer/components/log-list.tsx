import type { LogMark, LogPattern, LogRow } from '../../preload/contract/logs.ts';
import type { IsPale, LogBytesMode, LogColumns, LogHighlight, PortLooks } from '../lib/log-columns.ts';
import type { LogSelection } from '../lib/log-selection.ts';
import type { IndexRange, LogView } from '../lib/log-view.ts';

/**
 * For screens that show a log:
 *
 *   const view = useLogView({sessionId: null, filter});         // lib/log-hooks.ts; another filter is another view
 *   const [selection, setSelection] = useLogSelection(view);
 *   const search = useLogSearch(view, pattern);                 // .count .current .step(±1, fromIndex)
 *   const marks = useLogMarks(sessionId);
 *   const copy = useLogCopy(view, style);                       // components/log-copy.ts; copy([[0, view.length - 1]]) is all
 *   const newRows = useNewRows(view, isFollowing);
 *   const length = useLogState(view, (each) => each.length);    // never useSyncExternalStore on a view: it changes with every frame
 *   view.freeze() / view.thaw() pause; view.hideBefore(view.length) clears.
 *   <LogList view={view} … current={search.current?.index} reveal={search.current} />
 */
export interface LogListProps {
  view: LogView;
  label: string;
  selection: LogSelection;
  onSelect(selection: LogSelection): void;
  /** Copies all that is selected, on the screen or not. */
  onCopy(ranges: readonly IndexRange[]): void;
  columns?: Partial<LogColumns>;
  mode?: LogBytesMode;
  /** Needed for the port column. Must stay the same function while nothing changes; likewise `isPale`. */
  portLooks?: PortLooks;
  isPale?: IsPale;
  highlights?: readonly LogHighlight[];
  /** Marked in the text, besides the highlights. */
  find?: LogPattern | null;
  /** The row that search stands on, or that belongs to the cursor. */
  current?: number | null;
  /** Another object brings its row into sight. */
  reveal?: { readonly index: number } | null;
  isFollowing?: boolean;
  onFollow?(isFollowing: boolean): void;
  marks?: ReadonlyMap<number, LogMark>;
  /** `B` on the focused row, or a click in the gutter. */
  onMark?(row: LogRow): void;
  /** Enter on the focused row, or a double click. */
  onOpen?(row: LogRow): void;
}

export function LogList(_props: LogListProps) {
  return null;
}
