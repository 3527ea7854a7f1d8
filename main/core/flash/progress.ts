import type { FlashJob, FlashNote, FlashPlan, FlashStage } from '../../../preload/contract/flash.ts';
import type { Clock } from '../../../preload/contract/time.ts';

/** Fast enough for an eye, slow enough for a log. */
const PUBLISH_INTERVAL_US = 100_000;
const SPEED_WINDOW_US = 1_000_000;

/** What is known of a job before it begins. */
export interface NewJob extends Pick<FlashJob, 'jobId' | 'kind' | 'family' | 'address' | 'label' | 'batchId'> {
  /** Of a write. */
  plan: FlashPlan | null;
  commands: FlashJob['commands'];
}

type JobFile = FlashJob['files'][number];

export function newFile(file: Pick<JobFile, 'offset' | 'name' | 'sizeBytes' | 'sha256'>): JobFile {
  return { ...file, writtenBytes: 0, unchangedBytes: 0, md5: null, verified: null };
}

/** The state of one job as it goes, told at most ten times a second while bytes flow and at once when a stage changes. */
export class JobProgress {
  readonly #clock: Clock;
  readonly #publish: (job: FlashJob) => void;
  #job: FlashJob;
  #stageStartedUs: number;
  #publishedUs: number;
  #samples: { atUs: number; bytes: number }[] = [];

  constructor(options: { job: NewJob; clock: Clock; publish: (job: FlashJob) => void }) {
    this.#clock = options.clock;
    this.#publish = options.publish;
    this.#stageStartedUs = options.clock.nowUs();
    this.#publishedUs = this.#stageStartedUs;
    const { plan, ...job } = options.job;
    this.#job = {
      ...job,
      family: plan?.family ?? job.family,
      title: plan?.title ?? null,
      device: null,
      state: 'running',
      stage: 'connect',
      stages: [],
      chip: null,
      files: (plan?.files ?? []).map(({ offset, name, sizeBytes, sha256 }) => newFile({ offset, name, sizeBytes, sha256 })),
      totalBytes: plan?.totalBytes ?? 0,
      writtenBytes: 0,
      bytesPerSecond: null,
      etaMs: null,
      boardState: 'unknown',
      partitions: null,
      apps: [],
      nvs: null,
      result: null,
      notes: [],
      error: null,
    };
  }

  get job(): FlashJob {
    return this.#job;
  }

  /** Ends the stage under way, with its time, and begins another. */
  stage(stage: FlashStage): void {
    this.#closeStage();
    // What was found to be there is no speed of writing.
    this.#samples = [];
    this.update({ stage, ...(stage === 'write' ? {} : { bytesPerSecond: null, etaMs: null }) });
  }

  update(change: Partial<FlashJob>): void {
    this.#job = { ...this.#job, ...change };
    this.#publishedUs = this.#clock.nowUs();
    this.#publish(this.#job);
  }

  file(index: number, change: Partial<JobFile>): void {
    const files = this.#job.files.map((file, at) => (at === index ? { ...file, ...change } : file));
    this.#job = { ...this.#job, files };
    const writtenBytes = files.reduce((sum, file) => sum + file.writtenBytes, 0);
    this.#progressed(writtenBytes, change.writtenBytes === undefined);
  }

  /** A file that was not planned: what makes a board itself, once its place is known. Returns its index. */
  addFile(file: Pick<JobFile, 'offset' | 'name' | 'sizeBytes' | 'sha256'>): number {
    const files = [...this.#job.files, newFile(file)];
    this.update({ files, totalBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) });
    return files.length - 1;
  }

  note(code: FlashNote['code'], data: FlashNote['data'] = {}): void {
    this.update({ notes: [...this.#job.notes, { atUs: this.#clock.nowUs(), code, data }] });
  }

  /** For what has no files: bytes read or erased of so many. */
  moved(doneBytes: number, totalBytes: number): void {
    this.#job = { ...this.#job, totalBytes };
    this.#progressed(doneBytes, false);
  }

  finish(change: Pick<FlashJob, 'state' | 'boardState' | 'error'>): void {
    this.#closeStage();
    this.update({ ...change, etaMs: null });
  }

  #progressed(doneBytes: number, isAlwaysTold: boolean): void {
    const nowUs = this.#clock.nowUs();
    this.#samples.push({ atUs: nowUs, bytes: doneBytes });
    while (this.#samples.length > 2 && nowUs - (this.#samples[0]?.atUs ?? nowUs) > SPEED_WINDOW_US) this.#samples.shift();
    this.#job = { ...this.#job, writtenBytes: doneBytes, ...this.#speed(doneBytes) };
    if (nowUs - this.#publishedUs >= PUBLISH_INTERVAL_US || isAlwaysTold) this.update({});
  }

  #speed(writtenBytes: number): Pick<FlashJob, 'bytesPerSecond' | 'etaMs'> {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.atUs === first.atUs) return { bytesPerSecond: null, etaMs: null };
    const bytesPerSecond = ((last.bytes - first.bytes) / (last.atUs - first.atUs)) * 1e6;
    if (bytesPerSecond <= 0) return { bytesPerSecond: null, etaMs: null };
    return { bytesPerSecond, etaMs: ((this.#job.totalBytes - writtenBytes) / bytesPerSecond) * 1000 };
  }

  #closeStage(): void {
    const nowUs = this.#clock.nowUs();
    const elapsedMs = (nowUs - this.#stageStartedUs) / 1000;
    this.#job = { ...this.#job, stages: [...this.#job.stages, { stage: this.#job.stage, elapsedMs }] };
    this.#stageStartedUs = nowUs;
  }
}
