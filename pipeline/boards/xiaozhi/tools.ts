import type { BoardTool } from './mcp-server.ts';

/** The smallest JPEG there is: one grey pixel. */
const PIXEL = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
  'base64',
);

export interface BoardThings {
  volume: number;
  brightness: number;
  /** Where photos go, as the server said at `initialize`. */
  vision: { url: string; token: string } | null;
}

/** The tools of a usual board with a screen and a camera (reference/voice.md §4.5), and one for users only. */
export function boardTools(things: BoardThings, device: { deviceName: string; clientId: string }, photo: Uint8Array = PIXEL): BoardTool[] {
  const status = () => ({ audio_speaker: { volume: things.volume }, screen: { brightness: things.brightness }, network: { type: 'wifi' } });
  return [
    {
      name: 'self.get_device_status',
      description: 'Provides the real-time information of the device, including the current status of the audio speaker and screen.',
      properties: {},
      run: () => JSON.stringify(status()),
    },
    {
      name: 'self.audio_speaker.set_volume',
      description: 'Set the volume of the audio speaker.',
      properties: { volume: { type: 'integer', minimum: 0, maximum: 100 } },
      run({ volume }) {
        things.volume = Number(volume);
        return 'true';
      },
    },
    {
      name: 'self.screen.set_brightness',
      description: 'Set the brightness of the screen.',
      properties: { brightness: { type: 'integer', minimum: 0, maximum: 100 } },
      run({ brightness }) {
        things.brightness = Number(brightness);
        return 'true';
      },
    },
    {
      name: 'self.camera.take_photo',
      description: 'Take a photo and explain it. `question`: what you want to know of the photo.',
      properties: { question: { type: 'string' } },
      run: ({ question }) => takePhoto(things, device, String(question), photo),
    },
    {
      name: 'self.reboot',
      description: 'Reboot the system',
      properties: {},
      isUserOnly: true,
      run: () => 'true',
    },
  ];
}

/** As the camera does it: the photo and the question as a form, the answer's text as it comes. */
async function takePhoto(
  { vision }: BoardThings,
  device: { deviceName: string; clientId: string },
  question: string,
  photo: Uint8Array,
): Promise<string> {
  if (vision === null) throw new Error('Image explain URL or token is not set');
  const form = new FormData();
  form.append('question', question);
  form.append('file', new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), 'camera.jpg');
  const headers = { 'device-id': device.deviceName, 'client-id': device.clientId, authorization: `Bearer ${vision.token}` };
  const response = await fetch(vision.url, { method: 'POST', headers, body: form });
  if (!response.ok) throw new Error(`Failed to upload photo, status code: ${response.status}`);
  return await response.text();
}
