import { useShortcuts } from '../../lib/shortcuts.ts';
import type { PlayerControls } from './player/use-player.ts';
import { useSessionViewStore } from './session-view.ts';

/** One frame of Opus or so: by ear the smallest step that is one. */
const smallStepUs = 20_000;

/** What a session is walked through with, without the mouse. */
export function useSessionKeys(actions: {
  player: PlayerControls;
  isRecording: boolean;
  onTurn(step: 1 | -1): void;
  onLoop(): void;
  onNote(): void;
}): void {
  const store = useSessionViewStore();
  const { player, isRecording, onTurn, onLoop, onNote } = actions;
  const zoomIn = () => store.getState().zoom(1 / 1.4);
  const zoomOut = () => store.getState().zoom(1.4);
  const pan = (share: number) => () => store.getState().pan(share);
  const toEnd = () => {
    const { durationUs, moveCursor, follow } = store.getState();
    if (isRecording) follow(true);
    else moveCursor(durationUs);
  };
  const toStart = () => store.getState().moveCursor(0);
  const fit = () => store.getState().fit();
  const deselect = () => store.getState().select(null);
  useShortcuts({
    Space: player.playOrPause,
    ',': () => player.step(-smallStepUs),
    '.': () => player.step(smallStepUs),
    'Ctrl+ArrowLeft': () => player.step(-smallStepUs),
    'Ctrl+ArrowRight': () => player.step(smallStepUs),
    '<': () => player.changeRate(-1),
    '>': () => player.changeRate(1),
    KeyL: onLoop,
    KeyN: onNote,
    '[': () => onTurn(-1),
    ']': () => onTurn(1),
    Home: toStart,
    End: toEnd,
    KeyW: zoomIn,
    KeyS: zoomOut,
    KeyA: pan(-0.15),
    KeyD: pan(0.15),
    ArrowUp: zoomIn,
    ArrowDown: zoomOut,
    ArrowLeft: pan(-0.15),
    ArrowRight: pan(0.15),
    KeyF: fit,
    Escape: deselect,
  });
}
