import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHide, hideLabelled } from '../../../../../main/core/wifi-setup/hide.ts';

describe('hiding the password', () => {
  it('takes it out of what the board repeats, as it is and as JSON writes it', () => {
    const hide = createHide(['pa"ss\\word', 'tok123']);
    const shown = hide('{"password":"pa\\"ss\\\\word"} SSID:Lab|PSW:pa"ss\\word|TOKEN:tok123');
    expect(shown).not.toMatch(/ss\\|tok123/);
    expect(shown).toContain('SSID:Lab|PSW:•••|TOKEN:•••');
  });

  it('knows the SDK’s labels when the board cut or changed the password', () => {
    expect(hideLabelled('1200|_app(160): SSID:Lab|PSW:half a pass|TOKEN:abc\r\n1300|_app(164): next')).toBe(
      '1200|_app(160): SSID:Lab|PSW:•••|TOKEN:•••\r\n1300|_app(164): next',
    );
    expect(hideLabelled('STA to connect SSID:Lab PASSWORD:secret')).not.toContain('secret');
    expect(hideLabelled('{"psk": "a\\"b", "x": 1}')).toBe('{"psk": "•••", "x": 1}');
    expect(hideLabelled('wifi_password = half')).toBe('wifi_password = •••');
    expect(hideLabelled('{"pwd":"half')).toBe('{"pwd":"•••');
    expect(hideLabelled('PSW:half a\u2028pass')).toBe('PSW:•••');
  });

  it('reads whatever a board says once, however long it is', () => {
    const many = (piece: string) => piece.repeat(60_000 / piece.length);
    for (const text of [many('PSW:'), `${many('PSW:')}\u2028`, `PSW${many(' ')}`, `"psw":"${many('\\')}`, many('"psw" '), many('PSW= ')]) {
      const startedMs = performance.now();
      hideLabelled(text);
      // It took seconds.
      expect(performance.now() - startedMs, text.slice(0, 8)).toBeLessThan(1000);
    }
  });

  it('leaves nothing of any password in any text that holds it', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 3, maxLength: 64 }).filter((text) => !text.includes('•')),
        fc.string(),
        fc.string(),
        (password, before, after) => {
          const hide = createHide([password, '']);
          expect(hide(before + password + after)).not.toContain(password);
          expect(hide(JSON.stringify({ x: password }))).not.toContain(JSON.stringify(password).slice(1, -1));
        },
      ),
    );
  });
});
