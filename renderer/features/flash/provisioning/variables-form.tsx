import { PasswordInput, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { changeDraft, useProvisioningDraft } from './draft.ts';
import css from './provisioning.module.css';
import { askedFor, isSecretName } from './variables.ts';

/** Values the present entries ask for. */
export function DraftVariables() {
  const { t } = useTranslation();
  const { entries, csv, device, variables } = useProvisioningDraft();
  const names = askedFor(entries, csv, device.kind !== 'none');
  return (
    <section className={css.group} aria-labelledby="variables-title">
      <h2 id="variables-title">{t('provisioning.variables')}</h2>
      {names.length === 0 ? (
        <p className="quiet">{t('provisioning.noVariables')}</p>
      ) : (
        <VariableFields names={names} values={variables} onChange={(next) => changeDraft({ variables: next })} />
      )}
    </section>
  );
}

export interface VariableFieldsProps {
  names: readonly string[];
  values: Readonly<Record<string, string>>;
  onChange(values: Record<string, string>): void;
}

/** A field for each; what sounds secret is typed as a password. */
export function VariableFields({ names, values, onChange }: VariableFieldsProps) {
  const { t } = useTranslation();
  return (
    <div className={css.variables}>
      {names.map((name) => {
        const value = values[name] ?? '';
        const shared = {
          size: 'xs',
          label: <span className="mono">{name}</span>,
          placeholder: t('provisioning.missing'),
          autoComplete: 'off',
          value,
          onChange: (event: React.ChangeEvent<HTMLInputElement>) => onChange({ ...values, [name]: event.currentTarget.value }),
        };
        return isSecretName(name) ? (
          <PasswordInput key={name} title={t('provisioning.secretKept')} {...shared} />
        ) : (
          <TextInput key={name} classNames={{ input: 'mono' }} {...shared} />
        );
      })}
    </div>
  );
}
