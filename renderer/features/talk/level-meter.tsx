import { useEffect, useRef } from 'react';
import css from './conversation.module.css';
import { type Levels, meterHeight } from './levels.ts';

/** Packets of a voice that pauses do not come: a level that is not renewed falls. */
const heldMs = 160;

/** How loud one side is now. For the eye only: who speaks is said by the state. */
export function LevelMeter(props: { levels: Levels; conversationId: string; side: 'uplink' | 'downlink'; label: string }) {
  const { levels, conversationId, side, label } = props;
  const bar = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let falling: ReturnType<typeof setTimeout> | undefined;
    const show = (height: number): void => bar.current?.style.setProperty('transform', `scaleX(${height.toFixed(3)})`);
    const stop = levels.listen(conversationId, (level) => {
      show(meterHeight(side === 'uplink' ? level.uplinkPeak : level.downlinkPeak));
      clearTimeout(falling);
      falling = setTimeout(() => show(0), heldMs);
    });
    return () => {
      stop();
      clearTimeout(falling);
    };
  }, [levels, conversationId, side]);
  return (
    <span className={css.meter} data-side={side} role="img" aria-label={label} title={label}>
      <span ref={bar} className={css.meterBar} />
    </span>
  );
}
