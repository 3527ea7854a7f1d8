import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { SdkLog } from './sdk-log.ts';
import type { BoardTraits } from './traits.ts';

const ADDRESS = '192.168.4.117';
const GATEWAY = '192.168.4.1';
/** Joining the network is the first part of it, its address the rest. */
const JOIN_SHARE = 0.4;

/** How ESP-IDF tells of joining a network, as long as this board takes for it. False: it has no address and never gets one. */
export async function attach(deps: {
  clock: Clock;
  log: SdkLog;
  traits: Pick<BoardTraits, 'attachMs' | 'clockOffsetS'>;
  ssid: string;
  signal: AbortSignal;
}): Promise<boolean> {
  const { clock, log, traits, ssid, signal } = deps;
  const attachMs = traits.attachMs ?? 1000;
  log.idf('I', 'wifi', 'mode : sta');
  log.idf('I', 'wifi', 'state: init -> auth (b0)');
  await wait(attachMs * JOIN_SHARE);
  if (signal.aborted) return false;
  log.idf('I', 'wifi', 'state: auth -> assoc (0)');
  log.idf('I', 'wifi', 'state: assoc -> run (10)');
  log.idf('I', 'wifi', `connected with ${ssid}, aid = 3, channel 6, BW20, bssid = 5c:02:14:3e:a0:91`);
  log.idf('I', 'wifi', 'security: WPA2-PSK, phy: bgn, rssi: -47');
  if (traits.attachMs === null) return false;
  await wait(attachMs * (1 - JOIN_SHARE));
  if (signal.aborted) return false;
  log.idf('I', 'esp_netif_handlers', `sta ip: ${ADDRESS}, mask: 255.255.255.0, gw: ${GATEWAY}`);
  // The words of ESP-IDF's own example of SNTP.
  const wallMs = clock.wallMs() + traits.clockOffsetS * 1000;
  log.idf('I', 'sntp', `Notification of a time synchronization event, sec=${Math.floor(wallMs / 1000)}`);
  log.idf('I', 'sntp', `The current date/time in Shanghai is: ${asctime(wallMs)}`);
  return true;

  function wait(ms: number): Promise<void> {
    if (ms === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.at((clock.nowUs() + Math.round(ms * 1000)) as MonoUs, () => resolve());
      signal.addEventListener('abort', () => {
        cancel();
        resolve();
      });
    });
  }
}

/** `Sat Nov 21 23:59:00 2026`, as C's asctime writes the time of China. */
function asctime(wallMs: number): string {
  const [day, date, month, year, time] = new Date(wallMs + 8 * 3_600_000).toUTCString().replace(',', '').split(' ');
  return `${day} ${month} ${String(Number(date)).padStart(2)} ${time} ${year}`;
}
