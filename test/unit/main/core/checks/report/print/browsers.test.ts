import { expect, test } from 'vitest';
import { browsersOf, type Machine } from '../../../../../../../main/core/checks/report/print/browsers.ts';

function machine(over: Partial<Machine>, present: readonly string[]): Machine {
  return { platform: 'linux', environment: {}, home: '/home/lab', isExecutable: (path) => present.includes(path), ...over };
}

test('on Linux what the path has is found, Chrome before the Chromium that may be Snap’s', () => {
  const present = ['/usr/bin/chromium', '/opt/bin/google-chrome'];
  expect(browsersOf(machine({ environment: { PATH: '/usr/bin:/opt/bin' } }, present))).toEqual([
    '/opt/bin/google-chrome',
    '/usr/bin/chromium',
  ]);
});

test('the one that was named comes first, if it is there', () => {
  const environment = { PATH: '/usr/bin', TALKBENCH_CHROMIUM: '/opt/own' };
  expect(browsersOf(machine({ environment }, ['/usr/bin/chromium', '/opt/own']))).toEqual(['/opt/own', '/usr/bin/chromium']);
  expect(browsersOf(machine({ environment }, ['/usr/bin/chromium']))).toEqual(['/usr/bin/chromium']);
});

test('on macOS and Windows they are where their installers put them', () => {
  const edge = '/Users/lab/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge';
  expect(browsersOf(machine({ platform: 'darwin', home: '/Users/lab' }, [edge]))).toEqual([edge]);
  const chrome = 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe';
  expect(browsersOf(machine({ platform: 'win32', environment: { ProgramFiles: 'C:\\Program Files' } }, [chrome]))).toEqual([chrome]);
});

test('a machine without any has none', () => {
  expect(browsersOf(machine({ environment: { PATH: '' } }, []))).toEqual([]);
});
