import { createRequire } from 'node:module';

/**
 * The few functions of PocketSphinx 5prealpha that a streaming decoder needs, through koffi. The library's soname, and
 * with it this interface, is the one Debian and Ubuntu ship (libpocketsphinx3).
 */
export const LIBRARY = 'libpocketsphinx.so.3';
const BASE_LIBRARY = 'libsphinxbase.so.3';
export const MODEL_FOLDER = '/usr/share/pocketsphinx/model/en-us';

export interface Decoder {
  startUtterance(): void;
  process(pcm: Int16Array): void;
  endUtterance(): void;
  /** Best hypothesis so far, lower case; empty when there is none. */
  hypothesis(): string;
  close(): void;
}

type Pointer = unknown;

/**
 * 'accurate' searches twice: its final comes about 60 ms after the end. 'fast' gives that up, and 3 to 4 points of word
 * errors, for a final within 10 ms and half the load (reference/speech.md §4).
 */
export type Profile = 'accurate' | 'fast';

const profiles: Record<Profile, readonly (readonly [string, string])[]> = {
  accurate: [],
  fast: [
    ['-fwdflat', 'no'],
    ['-bestpath', 'yes'],
    ['-maxhmmpf', '3000'],
    ['-maxwpf', '10'],
    ['-pl_window', '10'],
  ],
};

/** Throws when the library or its model cannot be loaded. */
export function openDecoder(profile: Profile): Decoder {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const base = koffi.load(BASE_LIBRARY);
  const library = koffi.load(LIBRARY);
  const silenceLog = base.func('void err_set_logfp(void *stream)');
  const commandLine = base.func('void *cmd_ln_init(void *inout, void *definitions, int strict, ...)');
  const freeCommandLine = base.func('int cmd_ln_free_r(void *config)');
  const argumentDefinitions = library.func('void *ps_args()');
  const init = library.func('void *ps_init(void *config)');
  const free = library.func('int ps_free(void *decoder)');
  const start = library.func('int ps_start_utt(void *decoder)');
  const processRaw = library.func(
    'int ps_process_raw(void *decoder, const int16_t *data, size_t samples, int noSearch, int fullUtterance)',
  );
  const end = library.func('int ps_end_utt(void *decoder)');
  const hypothesis = library.func('const char *ps_get_hyp(void *decoder, _Out_ int32_t *score)');

  silenceLog(null);
  const settings = [
    ['-hmm', `${MODEL_FOLDER}/en-us`],
    ['-lm', `${MODEL_FOLDER}/en-us.lm.bin`],
    ['-dict', `${MODEL_FOLDER}/cmudict-en-us.dict`],
    ['-mmap', 'no'],
    ...profiles[profile],
  ].flatMap(([name, value]) => ['const char *', name, 'const char *', value]);
  const config: Pointer = commandLine(null, argumentDefinitions(), 1, ...settings, 'void *', null);
  if (config === null) throw new Error('PocketSphinx refused its configuration');
  const decoder: Pointer = init(config);
  if (decoder === null) {
    freeCommandLine(config);
    throw new Error(`PocketSphinx could not load ${MODEL_FOLDER}`);
  }
  return {
    startUtterance: () => void start(decoder),
    process: (pcm) => void processRaw(decoder, pcm, pcm.length, 0, 0),
    endUtterance: () => void end(decoder),
    hypothesis: () => String(hypothesis(decoder, [0]) ?? ''),
    close() {
      free(decoder);
      freeCommandLine(config);
    },
  };
}
