import type { LiveAudioChoice, LiveAudioState } from '../../../preload/contract/audio.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { AudioProcessDeps } from './audio-process.ts';
import { BoardAudio } from './board-audio.ts';
import { type BrowserSource, createBrowserSource } from './browser-source.ts';
import { askForDevices } from './devices.ts';
import { openHostSource } from './host-source.ts';

/** The real microphones and speakers of virtual boards. */
export interface LiveAudios {
  /** Opens what a board is to talk through; whoever opened it closes it. Rejects with TalkError 'audio/…'. */
  open(name: string, choice: LiveAudioChoice): Promise<BoardAudio>;
  calls: Pick<CallHandlers, 'audio.devices' | 'audio.press' | 'audio.capture'>;
  streams: Pick<StreamHandlers, 'audio.state' | 'audio.playback'>;
}

export interface LiveAudiosDeps {
  clock: Clock;
  /** How the process of the host's sound devices is started; as a child of this one unless told. */
  startProcess?: AudioProcessDeps['startProcess'];
}

export function createLiveAudios({ clock, startProcess }: LiveAudiosDeps): LiveAudios {
  const audios = new Map<string, BoardAudio>();
  const browsers = new Map<string, BrowserSource>();
  const topic = new Topic<LiveAudioState[], LiveAudioState>({ snapshot: () => [...audios.values()].map(({ state }) => state) });
  const ofProcess = startProcess === undefined ? {} : { startProcess };

  function found<Item>(among: ReadonlyMap<string, Item>, name: string): Item {
    const item = among.get(name);
    if (item === undefined) throw new TalkError('not-found', { what: 'live audio of a board', id: name });
    return item;
  }

  return {
    async open(name, choice) {
      const audio = await BoardAudio.open({
        ...{ clock, name, choice },
        async open(events) {
          if (choice.source === 'host')
            return openHostSource({ clock, input: choice.input ?? '', output: choice.output ?? '', ...ofProcess }, events);
          const browser = createBrowserSource(events);
          browsers.set(name, browser);
          return browser;
        },
        onState(state) {
          if (state.state === 'closed') {
            audios.delete(name);
            browsers.delete(name);
          }
          topic.publish(state);
        },
      });
      audios.set(name, audio);
      return audio;
    },
    calls: {
      'audio.devices': async () => ({ devices: await askForDevices(clock, startProcess) }),
      'audio.press': async ({ name, isDown }) => {
        found(audios, name).press(isDown);
        return {};
      },
      'audio.capture': async ({ name, pcm, droppedMs }) => {
        found(browsers, name).capture(pcm, droppedMs);
        return {};
      },
    },
    streams: {
      'audio.state': () => ({ topic }),
      'audio.playback': ({ name }) => ({ topic: found(browsers, name).playback }),
    },
  };
}
