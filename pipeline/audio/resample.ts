/**
 * Streaming sample-rate conversion: a polyphase windowed-sinc low-pass (Kaiser window, aliases and images below −80 dB),
 * for any pair of integer rates. Output sample n stands exactly at input time n × from / to: there is no delay to
 * correct for, only a look-ahead of 32 samples of the lower rate before a sample can come out.
 */
export interface Resampler {
  /** Mono s16 of any length in; what can be computed so far out. The result is the caller's. */
  process(pcm: Int16Array): Int16Array;
  /** The tail, as if silence followed; afterwards the resampler is as new. */
  flush(): Int16Array;
}

/** Zero crossings of the sinc each side of its centre, counted at the lower of both rates. */
const HALF_WIDTH = 32;
/** Kaiser's β and transition width for 84 dB: 4 dB in hand for the 16-bit rounding. */
const STOPBAND_DB = 84;
const BETA = 0.1102 * (STOPBAND_DB - 8.7);

interface Kernel {
  /** Output phases per input sample step. */
  up: number;
  /** Phase advance per output sample. */
  down: number;
  /** Input samples each side of the output's instant. */
  half: number;
  /** `up` rows of 2 × half coefficients. */
  rows: Float64Array[];
}

const kernels = new Map<string, Kernel>();
const KERNELS_KEPT = 16;

function kernelFor(from: number, to: number): Kernel {
  const key = `${from}/${to}`;
  let kernel = kernels.get(key);
  if (!kernel) {
    kernel = designKernel(from, to);
    const [oldest] = kernels.keys();
    if (kernels.size >= KERNELS_KEPT && oldest !== undefined) kernels.delete(oldest);
    kernels.set(key, kernel);
  }
  return kernel;
}

function designKernel(from: number, to: number): Kernel {
  const divisor = greatestCommonDivisor(from, to);
  const up = to / divisor;
  const down = from / divisor;
  const shrink = Math.min(1, to / from);
  const half = Math.ceil(HALF_WIDTH / shrink);
  // The whole transition band lies below the lower Nyquist frequency: nothing at or above it may pass.
  const transition = (STOPBAND_DB - 7.95) / (14.36 * 2 * HALF_WIDTH);
  const cutoff = shrink * (1 - transition);
  const rows = Array.from({ length: up }, (_, phase) => {
    const row = new Float64Array(2 * half);
    let sum = 0;
    for (let tap = 0; tap < row.length; tap++) {
      const distance = tap - half + 1 - phase / up;
      const value = sinc(cutoff * distance) * kaiser(distance / half);
      row[tap] = value;
      sum += value;
    }
    // Unity gain at 0 Hz in each phase, or a constant input would come out with a ripple at the phase rate.
    return row.map((value) => value / sum);
  });
  return { up, down, half, rows };
}

/** `from` and `to` are integer rates in Hz. Throws RangeError on anything else. */
export function createResampler(options: { from: number; to: number }): Resampler {
  const { from, to } = options;
  for (const rate of [from, to]) {
    if (!Number.isInteger(rate) || rate < 1000 || rate > 384_000) throw new RangeError(`not a sample rate: ${rate}`);
  }
  if (from === to) return { process: (pcm) => pcm.slice(), flush: () => new Int16Array(0) };

  const { up, down, half, rows } = kernelFor(from, to);
  // `pending[index]` is the input sample at or just before the next output's instant; `phase` is how far past it, in 1/up.
  let pending: Float64Array = new Float64Array(half - 1);
  let index = half - 1;
  let phase = 0;
  let taken = 0;
  let given = 0;

  function run(pcm: Int16Array): Int16Array {
    const input = new Float64Array(pending.length + pcm.length);
    input.set(pending);
    input.set(pcm, pending.length);
    // The last output reachable needs input[index + half].
    const reach = (input.length - half - index) * up - phase;
    const count = Math.max(0, Math.ceil(reach / down));
    const output = new Int16Array(count);
    for (let n = 0; n < count; n++) {
      const row = rows[phase];
      if (!row) throw new Error('phase out of range');
      let sum = 0;
      const start = index - half + 1;
      for (let tap = 0; tap < row.length; tap++) sum += (input[start + tap] ?? 0) * (row[tap] ?? 0);
      output[n] = Math.max(-32768, Math.min(32767, Math.round(sum)));
      phase += down;
      const step = Math.floor(phase / up);
      index += step;
      phase -= step * up;
    }
    const drop = Math.min(index - half + 1, input.length);
    pending = input.slice(drop);
    index -= drop;
    taken += pcm.length;
    given += count;
    return output;
  }

  return {
    process: run,
    flush() {
      const owed = Math.ceil((taken * to) / from) - given;
      const tail = run(new Int16Array(2 * half + Math.ceil(down / up))).slice(0, Math.max(0, owed));
      pending = new Float64Array(half - 1);
      index = half - 1;
      phase = 0;
      taken = 0;
      given = 0;
      return tail;
    },
  };
}

/** A whole recording at once: ceil(length × to / from) samples. */
export function resample(pcm: Int16Array, options: { from: number; to: number }): Int16Array {
  const resampler = createResampler(options);
  const body = resampler.process(pcm);
  const tail = resampler.flush();
  const whole = new Int16Array(body.length + tail.length);
  whole.set(body);
  whole.set(tail, body.length);
  return whole;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Kaiser window at −1..1. */
function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : besselI0(BETA * Math.sqrt(1 - x * x)) / besselI0(BETA);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
