import { useCallback, useState } from 'react';
import { gapBetween, type Stretch } from './snapping.ts';

export interface Measure {
  first: Stretch;
  second: Stretch | null;
}

/** Two spans and the dead time between them: the first is held until a second one is given. */
export function useMeasure() {
  const [measure, setMeasure] = useState<Measure | null>(null);
  const take = useCallback((stretch: Stretch, before: Stretch | null = null) => {
    setMeasure((known) => {
      const first = known === null || known.second !== null ? before : known.first;
      const isOther = first !== null && (first.fromUs !== stretch.fromUs || first.toUs !== stretch.toUs);
      return isOther ? { first, second: stretch } : { first: stretch, second: null };
    });
  }, []);
  const clear = useCallback(() => setMeasure(null), []);
  const gap = measure?.second === null || measure === null ? null : gapBetween(measure.first, measure.second);
  return { measure, gap, take, clear };
}
