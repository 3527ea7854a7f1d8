import type { FileWriter } from './file-writer.ts';

/**
 * Chrome's trace event format, JSON object form, which Perfetto and chrome://tracing open ("Trace Event Format", catapult project).
 * Slices of one row may only nest, so those of a lane that overlap go to further rows of it.
 */
export interface TraceFile {
  process(name: string): TraceProcess;
  /** Cause to effect: an arrow from each point to the next. Points lie within slices. */
  flow(name: string, points: readonly FlowPoint[]): void;
  /** The file is complete. */
  end(facts: Record<string, unknown>): { traceEvents: number };
}

export interface TraceProcess {
  lane(name: string): Lane;
  counter(name: string, atUs: number, value: number): void;
}

export interface Lane {
  /** A slice that is over; slices of a lane come in the order in which they end, or begin after all before them. */
  slice(slice: { name: string; fromUs: number; toUs: number; args?: Record<string, unknown> }): FlowPoint;
  instant(name: string, atUs: number, args?: Record<string, unknown>): void;
}

export interface FlowPoint {
  pid: number;
  tid: number;
  atUs: number;
}

/** Threads of a process are shown in the order of these numbers. */
const ROWS_A_LANE = 64;

export function createTraceFile(out: FileWriter): TraceFile {
  let count = 0;
  let processes = 0;
  let flows = 0;

  function write(event: Record<string, unknown>): void {
    out.write(`${count === 0 ? '{"traceEvents":[\n' : ',\n'}${JSON.stringify(event)}`);
    count++;
  }

  function metadata(pid: number, tid: number, name: string, args: Record<string, unknown>): void {
    write({ ph: 'M', pid, tid, ts: 0, name, args });
  }

  function createLane(pid: number, first: number, name: string): Lane {
    /** When the last slice of each row ended. */
    const ends: number[] = [];
    const row = (index: number): number => {
      if (ends[index] === undefined) {
        ends[index] = Number.NEGATIVE_INFINITY;
        metadata(pid, first + index, 'thread_name', { name: index === 0 ? name : `${name} ${index + 1}` });
        metadata(pid, first + index, 'thread_sort_index', { sort_index: first + index });
      }
      return first + index;
    };
    return {
      slice({ name: sliceName, args = {}, ...span }) {
        const ts = instant(span.fromUs);
        const end = Math.max(ts, instant(span.toUs));
        let index = ends.findIndex((endUs) => endUs <= ts);
        if (index < 0) index = Math.min(ends.length, ROWS_A_LANE - 1);
        const tid = row(index);
        ends[index] = Math.max(end, ends[index] ?? end);
        write({ ph: 'X', pid, tid, ts, dur: end - ts, cat: name, name: sliceName, args });
        return { pid, tid, atUs: ts };
      },
      instant(instantName, atUs, args = {}) {
        write({ ph: 'i', s: 't', pid, tid: row(0), ts: instant(atUs), cat: name, name: instantName, args });
      },
    };
  }

  return {
    process(name) {
      const pid = ++processes;
      metadata(pid, 0, 'process_name', { name });
      metadata(pid, 0, 'process_sort_index', { sort_index: pid });
      let lanes = 0;
      return {
        lane: (laneName) => createLane(pid, 1 + ROWS_A_LANE * lanes++, laneName),
        counter: (counterName, atUs, value) => write({ ph: 'C', pid, tid: 0, ts: instant(atUs), name: counterName, args: { value } }),
      };
    },
    flow(name, points) {
      const ordered = points.toSorted((one, other) => one.atUs - other.atUs);
      if (ordered.length < 2) return;
      const id = ++flows;
      for (const [index, { pid, tid, atUs }] of ordered.entries()) {
        const ph = index === 0 ? 's' : index === ordered.length - 1 ? 'f' : 't';
        write({ ph, ...(ph === 'f' ? { bp: 'e' } : {}), id, pid, tid, ts: instant(atUs), cat: 'cause', name });
      }
    },
    end(facts) {
      out.write(`${count === 0 ? '{"traceEvents":[' : '\n'}],"displayTimeUnit":"ms","otherData":${JSON.stringify(facts)}}\n`);
      return { traceEvents: count };
    },
  };
}

/** Traces begin at 0; what began before its session did is shown from there. */
function instant(us: number): number {
  return Math.max(0, us);
}
