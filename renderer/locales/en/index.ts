import { account } from './account.ts';
import { agents } from './agents.ts';
import { at } from './at.ts';
import { board } from './board.ts';
import { tools } from './board-tools.ts';
import { browserAudio } from './browser-audio.ts';
import { checks } from './checks.ts';
import { callbacks, cloud, reach } from './cloud.ts';
import { cloudApi } from './cloud-api.ts';
import { devices } from './devices.ts';
import { engines } from './engines.ts';
import { errors } from './errors.ts';
import { flash } from './flash.ts';
import { job } from './flash-job.ts';
import { frame } from './frame.ts';
import { latency } from './latency.ts';
import { log } from './log.ts';
import { monitor } from './monitor.ts';
import { playback } from './playback.ts';
import { provisioning } from './provisioning.ts';
import { quality } from './quality.ts';
import { reasons } from './reasons.ts';
import { recipes } from './recipes.ts';
import { refusalHints, refusals } from './refusals.ts';
import { replay } from './replay.ts';
import { firstRun, session, sessions } from './session.ts';
import { settings } from './settings.ts';
import { sharing } from './sharing.ts';
import { speech } from './speech.ts';
import { symbols } from './symbols.ts';
import { talk } from './talk.ts';
import { timeline } from './timeline.ts';
import { trtc } from './trtc.ts';
import { tuya } from './tuya.ts';
import { wifiSetup } from './wifi-setup.ts';
import { wire } from './wire.ts';
import { xiaozhi } from './xiaozhi.ts';

export const en = {
  account,
  agents,
  at,
  board,
  browserAudio,
  callbacks,
  checks,
  cloud,
  cloudApi,
  devices,
  engines,
  errors,
  firstRun,
  flash,
  frame,
  job,
  latency,
  log,
  monitor,
  playback,
  provisioning,
  quality,
  reach,
  reasons,
  recipes,
  refusalHints,
  refusals,
  replay,
  session,
  sessions,
  settings,
  sharing,
  speech,
  symbols,
  talk,
  timeline,
  tools,
  trtc,
  tuya,
  wifiSetup,
  wire,
  xiaozhi,
};
