import { useEffect, useRef } from 'react';

/** A WAV to be listened to. What it says stands beside it as text. */
export function Sound({ wav, label }: { wav: Uint8Array; label: string }) {
  const player = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const url = URL.createObjectURL(new Blob([wav.slice()], { type: 'audio/wav' }));
    if (player.current !== null) player.current.src = url;
    return () => URL.revokeObjectURL(url);
  }, [wav]);
  // biome-ignore lint/a11y/useMediaCaption: what it says stands beside it as text
  return <audio ref={player} controls aria-label={label} style={{ width: '100%', height: 36 }} />;
}
