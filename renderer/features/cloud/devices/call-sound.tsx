import { Button, FileButton, Select } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallRequest } from '../../../../preload/contract/index.ts';
import { readFile } from '../../../lib/files.ts';

export type CallAudio = NonNullable<CallRequest<'calls.ring'>['audio']>;
type Kind = CallAudio['kind'];
const kinds = ['silence', 'echo', 'wav', 'live'] as const satisfies readonly Kind[];

interface CallSoundProps {
  value: CallAudio;
  onChange(audio: CallAudio): void;
}

/** What the mini-program's end of a call sounds like. */
export function CallSound({ value, onChange }: CallSoundProps) {
  const { t } = useTranslation();
  const [fileName, setFileName] = useState<string | null>(null);

  function choose(kind: Kind | null): void {
    if (kind === 'silence' || kind === 'echo') onChange({ kind });
    if (kind === 'live') onChange({ kind, choice: { source: 'host' } });
    if (kind === 'wav') onChange({ kind, wav: new Uint8Array(0), isRepeated: true });
  }
  async function take(file: File | null): Promise<void> {
    if (file === null) return;
    const wav = (await readFile(file)) as Uint8Array<ArrayBuffer>;
    setFileName(file.name);
    onChange({ kind: 'wav', wav, isRepeated: true });
  }

  return (
    <>
      <Select
        label={t('devices.call.sound')}
        allowDeselect={false}
        value={value.kind}
        onChange={choose}
        data={kinds.map((kind) => ({ value: kind, label: t(`devices.call.soundOf.${kind}`) }))}
      />
      {value.kind === 'wav' && (
        <FileButton accept=".wav,audio/wav" onChange={(file) => void take(file)}>
          {(props) => (
            <Button {...props} variant="default">
              <span className="truncate">{fileName ?? t('devices.call.chooseWav')}</span>
            </Button>
          )}
        </FileButton>
      )}
    </>
  );
}

/** A file is still to be chosen. */
export function isUnready(audio: CallAudio): boolean {
  return audio.kind === 'wav' && audio.wav.length === 0;
}
