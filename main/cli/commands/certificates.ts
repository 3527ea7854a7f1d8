import type { Command } from 'commander';
import { type CommonOptions, runWithCore, withCommonOptions } from '../command.ts';
import { writeOutputFile } from '../output-file.ts';

/** The authority that boards have to trust, and what it made for the listeners. */
export function addCertificatesCommand(program: Command): void {
  const certificates = program.command('certificates').description('the bench’s own authority, for MQTT, https and wss over TLS');

  withCommonOptions(
    certificates.command('show').description('the authority, its fingerprint, and the names of the server’s certificate'),
  ).action((options: CommonOptions) =>
    runWithCore(options, 'offline', async (client, output) =>
      output.result(await client.call('certificates.authority', {}), ({ subject, keys, fingerprint, notAfterWallMs, server }) =>
        [
          `${subject} (${keys})`,
          `SHA-256 ${fingerprint}`,
          `until ${new Date(notAfterWallMs).toISOString()}`,
          `server until ${new Date(server.notAfterWallMs).toISOString()}: ${server.names.join(' ')}`,
        ].join('\n'),
      ),
    ),
  );

  withCommonOptions(
    certificates
      .command('export')
      .requiredOption('--out <file>', 'where to')
      .option('--der', 'binary; PEM without')
      .description('the authority’s certificate, to be put into firmware or a trust store'),
  ).action((options: CommonOptions & { out: string; der?: boolean }) =>
    runWithCore(options, 'offline', async (client, output) => {
      const { pem, der, fingerprint, keys } = await client.call('certificates.authority', {});
      await writeOutputFile(options.out, (file) => file.writeFile(options.der === true ? der : pem));
      output.result({ file: options.out, fingerprint, keys }, ({ file }) => file);
    }),
  );
}
