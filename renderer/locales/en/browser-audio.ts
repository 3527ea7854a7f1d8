export const browserAudio = {
  title: 'Talk with this browser',
  start: 'Talk with this browser',
  stop: 'Stop talking',
  mode: 'When the microphone is open',
  open: 'Always open',
  pushToTalk: 'Push to talk',
  hold: 'Hold to talk',
  talking: 'Talking…',
  input: 'Microphone',
  level: 'Microphone level',
  held: 'The audio is paused or muted: click to go on',
  dropped: '{{ms}} ms lost: this page or the core does not keep up',
  trouble: {
    insecure:
      'A browser gives its microphone only to https pages and to this machine’s own. Open the page through localhost (an SSH tunnel does).',
    denied:
      'The microphone is not allowed for this page. Allow it in the browser’s address bar (and the system’s privacy settings), then try again.',
    'no-device': 'This browser sees no microphone. Plug one in, then try again.',
    'in-use': 'The microphone could not be opened: another program may hold it. Close it there, then try again.',
    unsupported: 'This browser cannot be talked with. Use a current Chrome, Edge or Safari, or talkbench talk --mic.',
    ended: 'The conversation ended: the microphone was unplugged or the board stopped. Start it again.',
  },
};
