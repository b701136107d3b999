import type * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { machineFile } from '../operations/runbook';
import { machineScript } from './server/server-scripts';

/** Systems Manager takes documents of 64 KB (Systems Manager quotas). */
export const DOCUMENT_LIMIT = 65_536;

/**
 * The script that the machine runs, as a document that the machine reads at its start: in user data there is no room for it, and here
 * a reviewer reads it in the template.
 *
 * Another script is another document and not another version of this one. So a machine that starts in the middle of a deploy, or
 * after one that was rolled back, still finds the one whose checksum is in its user data. (AWS::SSM::Document, UpdateMethod `Replace`;
 * to update a document to a text it had before is refused: UpdateDocument, DuplicateDocumentContent.)
 */
export class ServerScript extends Construct {
  public readonly document: ssm.CfnDocument;
  /** Name of the document. */
  public readonly documentName: string;
  /** SHA-256 of the script as the machine has it in a file. */
  public readonly sha256: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { lines, sha256 } = machineScript();
    this.document = machineFile(this, 'Document', {
      description: 'Script of the server. Its machine takes it from here at its start; not to be run as a command',
      name: 'server',
      lines,
    });
    this.documentName = this.document.ref;
    this.sha256 = sha256;
  }
}
