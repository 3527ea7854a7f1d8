import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { IconPlayerPlayFilled, IconRobot } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../../lib/actions.ts';
import { useToasts } from '../../../lib/toasts.ts';
import { objectOf } from '../../settings/json-editor.tsx';
import { CopyText } from '../copy-text.tsx';
import { JsonText } from '../json-text.tsx';
import css from '../services.module.css';
import { type ParameterField, type Parameters, parameterFields, valueAt, withAgent, withValue } from './parameters.ts';
import { ProgramCopies } from './program-copies.tsx';

interface StartProps {
  parameters: Parameters;
  /** UserSigs can be made here. */
  hasKey: boolean;
  onChange(parameters: Parameters): void;
}

/** StartAIConversation by hand: fields and JSON are the same request, whichever is edited. */
export function StartForm({ parameters, hasKey, onChange }: StartProps) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const show = useToasts((state) => state.show);
  const agent = {
    productId: String(parameters.SdkAppId ?? ''),
    deviceName: String(valueAt(parameters, ['AgentConfig', 'TargetUserId']) ?? ''),
  };
  const language = valueAt(parameters, ['STTConfig', 'Language']) === 'en' ? 'en' : 'zh';

  /** A robot without a UserSig gets one: the application's where its key is known, otherwise any, which the bench takes. */
  async function signed(): Promise<Parameters | null> {
    if (valueAt(parameters, ['AgentConfig', 'UserSig'])) return parameters;
    if (!hasKey) return withValue(parameters, ['AgentConfig', 'UserSig'], 'none');
    const userId = String(valueAt(parameters, ['AgentConfig', 'UserId']) ?? '');
    const made = await run('trtc.userSig', { userId, sdkAppId: Number(parameters.SdkAppId) });
    return made === null ? null : withValue(parameters, ['AgentConfig', 'UserSig'], made.userSig);
  }

  async function start(): Promise<void> {
    const request = await signed();
    if (request === null) return;
    const done = await run('trtc.call', { action: 'StartAIConversation', parameters: request });
    if (done !== null) show({ kind: 'done', text: t('trtc.startedTask', { taskId: String(done.response.TaskId) }) });
  }

  async function takeAgent(): Promise<void> {
    const exported = await run('agents.export', { ...agent, language, format: 'trtc' });
    const config = objectOf(exported?.json ?? '');
    if (exported !== null && config !== null) onChange(withAgent(parameters, config));
  }

  return (
    <section aria-labelledby="trtc-start">
      <h2 id="trtc-start">{t('trtc.startTitle')}</h2>
      <p className="quiet" style={{ marginTop: 0 }}>
        {t('trtc.startHint')}
      </p>
      <div className={css.sides}>
        <form
          className={css.form}
          autoComplete="off"
          onSubmit={(event) => {
            event.preventDefault();
            void start();
          }}
        >
          <div className={css.pair}>
            {parameterFields.map((field) => (
              <Parameter
                key={field.path.join('.')}
                field={field}
                value={valueAt(parameters, field.path)}
                onChange={(value) => onChange(withValue(parameters, field.path, value))}
              />
            ))}
          </div>
          <div className={css.row}>
            <Button size="xs" type="submit" disabled={isBusy} leftSection={<IconPlayerPlayFilled size={13} aria-hidden />}>
              {t('trtc.start')}
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={isBusy}
              leftSection={<IconRobot size={14} aria-hidden />}
              title={t('trtc.takeAgentHint', agent)}
              onClick={() => void takeAgent()}
            >
              {t('trtc.takeAgent')}
            </Button>
          </div>
        </form>
        <div className={css.form} style={{ alignContent: 'start' }}>
          <JsonText label={t('trtc.asJson')} value={parameters} onChange={onChange} />
          <div className={css.row}>
            <CopyText text={JSON.stringify(parameters, null, 2)} label={t('trtc.copyJson')}>
              JSON
            </CopyText>
            <ProgramCopies {...agent} language={language} />
          </div>
        </div>
      </div>
    </section>
  );
}

/** Nothing typed or chosen leaves the parameter out. */
function Parameter({ field, value, onChange }: { field: ParameterField; value: unknown; onChange(value: unknown): void }) {
  const { t } = useTranslation();
  const name = field.path.at(-1) ?? '';
  const common = { size: 'xs', label: name, placeholder: t('trtc.leftOut') } as const;
  switch (field.kind) {
    case 'text':
      return (
        <TextInput
          {...common}
          maxLength={field.maxLength}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...common}
          min={field.min}
          max={field.max}
          clampBehavior="none"
          value={typeof value === 'number' ? value : ''}
          error={typeof value === 'number' && (value < field.min || value > field.max) && `${field.min}–${field.max}`}
          onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
        />
      );
    default:
      return (
        <Select
          {...common}
          clearable
          value={value === undefined ? null : String(value)}
          data={field.values.map((each) => ({
            value: String(each),
            label: `${each}${typeof each === 'number' ? ` · ${t(`trtc.valueOf.${name as 'InterruptMode'}.${each as 0}`)}` : ''}`,
          }))}
          onChange={(next) => onChange(field.values.find((each) => String(each) === next))}
        />
      );
  }
}
