export interface VariableSource {
  device: { productId: string; deviceName: string };
  language: 'zh' | 'en';
  wallMs: number;
  /** IANA name; the machine's own when it is left out. */
  timeZone?: string;
}

/**
 * The variables every prompt may use: `product_id`, `device_name`, `language`, and the lab's `date` (2026-01-31), `time` (08:05),
 * `weekday` and `time_zone`. The connection's own of the same name go first.
 */
export function builtInVariables({ device, language, wallMs, timeZone }: VariableSource): Record<string, string> {
  const { date, time, weekday, zone } = formatsFor(language, timeZone);
  const at = new Date(wallMs);
  return {
    product_id: device.productId,
    device_name: device.deviceName,
    language: language === 'zh' ? '中文' : 'English',
    date: date.format(at),
    time: time.format(at),
    weekday: weekday.format(at),
    time_zone: zone,
  };
}

interface Formats {
  date: Intl.DateTimeFormat;
  time: Intl.DateTimeFormat;
  weekday: Intl.DateTimeFormat;
  zone: string;
}

/** Made once: making one takes longer than all else that is done for a request. */
const formats = new Map<string, Formats>();

function formatsFor(language: 'zh' | 'en', timeZone: string | undefined): Formats {
  const key = `${language} ${timeZone ?? ''}`;
  const known = formats.get(key);
  if (known) return known;
  const zone = timeZone === undefined ? {} : { timeZone };
  const made = {
    // Sweden writes dates as ISO 8601 does.
    date: new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', ...zone }),
    time: new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', ...zone }),
    weekday: new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { weekday: 'long', ...zone }),
    zone: timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
  formats.set(key, made);
  return made;
}
