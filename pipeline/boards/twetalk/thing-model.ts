import { readNumber, readString } from './board-json.ts';

/** The board's thing model: what it reports, and the actions of seed 000 it can be asked for. */
export class ThingModel {
  volume = 80;
  battery = 100;
  readonly alarms: { hour: string; minute: string; frequency: string; dayChoice: string }[] = [];

  /** The `response` JSON of an action, or null for one this board does not have: the stock firmware then answers nothing. */
  run(actionId: string, params: string): string | null {
    switch (actionId) {
      case 'control_volume': {
        const change = readNumber(params, 'volume');
        const action = readString(params, 'action') ?? 'set';
        if (action === 'increase') this.setVolume(this.volume + (change ?? 10));
        else if (action === 'decrease') this.setVolume(this.volume - (change ?? 10));
        else if (change !== null) this.setVolume(change);
        return `{"volume":${this.volume}}`;
      }
      case 'get_battery':
        return `{"battery":${this.battery}}`;
      case 'set_alarm_clock': {
        const text = (name: string) => readString(params, name) ?? String(readNumber(params, name) ?? '');
        this.alarms.push({ hour: text('hour'), minute: text('minute'), frequency: text('frequency'), dayChoice: text('day_choice') });
        return '{"alarm_status":"Alarm clock set successfully"}';
      }
      default:
        return null;
    }
  }

  setVolume(volume: number): void {
    this.volume = Math.round(Math.min(100, Math.max(0, volume)));
  }
}
