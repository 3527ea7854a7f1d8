/** Rates a bridge, a cable and a level shifter are tried at, each half of the one before. */
const steps = [921600, 460800, 230400, 115200] as const;

/** The next slower rate; undefined when there is none that still makes sense. */
export function slowerRate(baudRate: number): number | undefined {
  return steps.find((step) => step < baudRate);
}

/** Ten bits a byte. */
export function wireMs(sizeBytes: number, baudRate: number): number {
  return (sizeBytes * 10_000) / baudRate;
}
