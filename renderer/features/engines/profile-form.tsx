import { Button, Group, Select, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EngineKind, EngineProfile, EngineStage } from '../../../preload/contract/engines.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { Confirm } from '../../components/confirm.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useAction } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { useEngineProfiles } from '../../lib/streams.ts';
import { useToasts } from '../../lib/toasts.ts';
import css from './engines.module.css';
import { configOf, draftOf, idOf, type ProfileDraft, secretChanges, valuesOf } from './profile-draft.ts';
import { ProfileField } from './profile-field.tsx';

interface FormProps {
  kinds: readonly EngineKind[];
  /** Null for a new one. */
  profile: EngineProfile | null;
  stage: EngineStage;
  /** What a new one begins with besides its kind's own. */
  start?: { kind: string; name: string; config: Record<string, unknown> };
  onSaved(profile: EngineProfile): void;
  onRemoved(): void;
}

/** A profile made from what its kind asks for. Secrets are only ever written. */
export function ProfileForm({ kinds, profile, stage, start, onSaved, onRemoved }: FormProps) {
  const { t } = useTranslation();
  const lab = useLab();
  const { run } = useAction();
  const show = useToasts((state) => state.show);
  const taken = new Set((useEngineProfiles() ?? []).map((each) => each.id));
  const choices = kinds.filter((kind) => kind.stage === stage);
  const [draft, setDraft] = useState<ProfileDraft>(() => {
    const known = profile && choices.find((each) => each.kind === profile.kind);
    if (profile && known) return draftOf(profile, known);
    const kind = choices.find((each) => each.kind === start?.kind) ?? choices[0];
    const values = valuesOf(kind?.fields ?? [], start?.config ?? {});
    return { id: '', stage, kind: kind?.kind ?? '', name: start?.name ?? kind?.title ?? '', values, secrets: {} };
  });
  const [refused, setRefused] = useState<TalkErrorValue | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  const kind = choices.find((each) => each.kind === draft.kind);
  if (kind === undefined) return null;
  const id = profile?.id ?? (draft.id === '' ? idOf(draft.name, kind.kind, taken) : draft.id);
  const { config, badJson } = configOf(kind.fields, draft.values);
  const refusedField = refused?.code === 'engine/bad-config' ? String(refused.data.field) : null;
  const isRefusedElsewhere = refused !== null && kind.fields.every(({ name }) => name !== refusedField);
  const change = (part: Partial<ProfileDraft>): void => setDraft((now) => ({ ...now, ...part }));

  function chooseKind(name: string): void {
    const next = choices.find((each) => each.kind === name);
    if (next !== undefined) change({ kind: name, name: next.title, values: valuesOf(next.fields, {}), secrets: {} });
  }

  function choosePreset(presetId: string | null): void {
    const preset = kind?.presets.find((each) => each.id === presetId);
    if (kind === undefined || preset === undefined) return;
    change({ name: preset.title, values: { ...valuesOf(kind.fields, {}), ...valuesOf(kind.fields, preset.config) } });
  }

  async function save(): Promise<void> {
    if (badJson.length > 0) return;
    setBusy(true);
    try {
      const saved = await lab.call('engines.put', {
        profile: { id, stage, kind: draft.kind, name: draft.name.trim(), config },
        secrets: secretChanges(draft.secrets),
      });
      setRefused(null);
      change({ secrets: {} });
      show({ kind: 'done', text: t('engines.saved') });
      onSaved(saved);
    } catch (error) {
      setRefused(errorValueOf(error));
    } finally {
      setBusy(false);
    }
  }

  async function remove(): Promise<void> {
    if ((await run('engines.remove', { id })) !== null) onRemoved();
    setRemoving(false);
  }

  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div className={css.pair}>
        <Select
          label={t('engines.kind')}
          allowDeselect={false}
          data={choices.map((each) => ({ value: each.kind, label: each.title }))}
          value={draft.kind}
          onChange={(next) => next !== null && next !== draft.kind && chooseKind(next)}
        />
        {kind.presets.length > 0 && profile === null && (
          <Select
            label={t('engines.preset')}
            placeholder="—"
            data={kind.presets.map((preset) => ({ value: preset.id, label: preset.title }))}
            onChange={choosePreset}
          />
        )}
      </div>
      <div className={css.pair}>
        <TextInput
          label={t('engines.name')}
          required
          maxLength={80}
          value={draft.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <TextInput
          label={t('engines.id')}
          description={profile === null ? t('engines.idHint') : undefined}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          pattern="[a-z0-9][a-z0-9\-]{0,62}"
          disabled={profile !== null}
          value={id}
          onChange={(event) => change({ id: event.currentTarget.value })}
        />
      </div>
      {kind.fields.map((field) => (
        <ProfileField
          key={`${kind.kind} ${field.name}`}
          field={field}
          value={draft.values[field.name]}
          secret={draft.secrets[field.name]}
          isStored={profile?.kind === kind.kind && profile.secrets.includes(field.name)}
          isBadJson={badJson.includes(field.name)}
          refused={refusedField === field.name ? refused : null}
          onChange={(value) => change({ values: { ...draft.values, [field.name]: value } })}
          onSecret={(value) => change({ secrets: { ...draft.secrets, [field.name]: value } })}
        />
      ))}
      {isRefusedElsewhere && <ErrorNotice error={refused} />}
      <Group gap={8}>
        <Button type="submit" loading={isBusy} disabled={badJson.length > 0}>
          {t('engines.save')}
        </Button>
        {profile !== null && (
          <Button variant="default" leftSection={<IconTrash size={14} />} onClick={() => setRemoving(true)}>
            {t('engines.delete')}
          </Button>
        )}
        {kind.documentation !== undefined && (
          <a className={css.link} href={kind.documentation} target="_blank" rel="noreferrer">
            {t('engines.documentation')}
          </a>
        )}
      </Group>
      {isRemoving && (
        <Confirm
          title={t('engines.delete')}
          text={t('engines.deleteAsk', { name: profile?.name ?? '' })}
          action={t('engines.delete')}
          onClose={() => setRemoving(false)}
          onConfirm={() => void remove()}
        />
      )}
    </form>
  );
}
