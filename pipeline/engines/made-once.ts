/** What is made with its first use and kept; one that could not be made is tried again with the next. */
export interface MadeOnce<Made> {
  (): Promise<Made>;
  /** What there is of it, without making it. */
  readonly present: Promise<Made> | undefined;
}

export function madeOnce<Made>(make: () => Promise<Made>): MadeOnce<Made> {
  let present: Promise<Made> | undefined;
  const get = () => {
    if (present !== undefined) return present;
    const making = make();
    present = making;
    making.catch(() => {
      if (present === making) present = undefined;
    });
    return making;
  };
  return Object.defineProperty(get, 'present', { get: () => present }) as MadeOnce<Made>;
}
