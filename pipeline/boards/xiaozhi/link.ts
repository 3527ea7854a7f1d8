/** What a board and its server say to each other once it is switched on: the session's messages and its audio. */
export interface LinkEvents {
  onMessage: (message: Record<string, unknown>) => void;
  onAudio: (packet: Uint8Array, timestampMs: number) => void;
  /** The server, or the connection, closed the channel. */
  onClosed: (reason: string) => void;
  /** What firmware would not survive, or would wait for in vain. */
  onViolation: (what: string) => void;
}

export interface ServerHello {
  sessionId: string;
  sampleRate: number;
  frameMs: number;
}

export interface BoardLink {
  readonly transport: 'websocket' | 'udp';
  readonly isOpen: boolean;
  /** Opens the audio channel. Rejects with TalkError 'talk/refused' {stage, reason}. */
  open(): Promise<ServerHello>;
  send(message: Record<string, unknown>): void;
  sendAudio(packet: Uint8Array, timestampMs?: number): void;
  /** Closes the channel as the board does when it is pressed while it listens. */
  closeChannel(): void;
  /** And the connection, where there is one besides. */
  close(): Promise<void>;
}

/** How long firmware waits for the server's hello. */
export const HELLO_TIMEOUT_US = 10_000_000;

const decodableFrameMs = [5, 10, 20, 40, 60, 80, 100, 120];

/** Reads what firmware reads of a server's hello; null where it ignores the whole. */
export function readServerHello(
  message: Record<string, unknown>,
  transport: 'websocket' | 'udp',
  onViolation: (what: string) => void,
): ServerHello | null {
  if (typeof message.transport !== 'string') {
    onViolation('a hello without transport: null dereference');
    return null;
  }
  if (message.transport !== transport) return null;
  const audio = (message.audio_params ?? {}) as Record<string, unknown>;
  const sampleRate = typeof audio.sample_rate === 'number' ? audio.sample_rate : 24000;
  const frameMs = typeof audio.frame_duration === 'number' ? audio.frame_duration : 60;
  if (!decodableFrameMs.includes(frameMs)) onViolation(`frames of ${frameMs} ms: no such decoder`);
  return { sessionId: typeof message.session_id === 'string' ? message.session_id : '', sampleRate, frameMs };
}
