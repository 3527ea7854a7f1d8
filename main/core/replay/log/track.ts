/** Bytes of one port and when they came, from the replay's beginning. Never empty, in order. */
export interface LogTrack {
  /** What to call its port. */
  name: string;
  /** Where it comes from: the recorded port, or the file. */
  from: string;
  chunks: readonly LogChunk[];
}

export interface LogChunk {
  atUs: number;
  bytes: Uint8Array;
}

export interface LogTracks {
  tracks: readonly LogTrack[];
  durationUs: number;
  /** timestamps: of the recording, or found in the file · lines: none were found. */
  timing: 'timestamps' | 'lines';
}

/** All of the tracks' chunks from the earliest on. */
export function fromBeginning(tracks: readonly LogTrack[], timing: LogTracks['timing']): LogTracks {
  const told = tracks.filter(({ chunks }) => chunks.length > 0);
  const firstUs = Math.min(...told.map(({ chunks }) => chunks[0]?.atUs ?? 0));
  const moved = told.map((track) => ({ ...track, chunks: track.chunks.map(({ atUs, bytes }) => ({ atUs: atUs - firstUs, bytes })) }));
  return { tracks: moved, durationUs: Math.max(0, ...moved.map(({ chunks }) => chunks.at(-1)?.atUs ?? 0)), timing };
}

/** A name that an address may have: `/dev/ttyUSB0` is 'ttyUSB0'. */
export function portNameOf(from: string): string {
  const last =
    from
      .replace(/\.(?:txt|log|bin|raw)$/iu, '')
      .split(/[\\/]/u)
      .at(-1) ?? '';
  const plain = last
    .replace(/^[a-z]+:\/\//iu, '')
    .replace(/[^\w-]+/gu, '-')
    .replace(/^-+|-+$/gu, '');
  return `replay-${plain.slice(0, 40) || 'log'}`;
}
