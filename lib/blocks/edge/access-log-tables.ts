import type * as glue from 'aws-cdk-lib/aws-glue';

/** A column of a table of logs. */
interface LogColumn {
  readonly name: string;
  readonly type: string;
}

const TEXT_INPUT = 'org.apache.hadoop.mapred.TextInputFormat';
const TEXT_OUTPUT = 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat';

/** Fields of CloudFront's standard log in their order (CloudFront developer guide, standard log file fields). */
const CONTENT_DELIVERY_FIELDS = `
  date date, time string, x_edge_location string, sc_bytes bigint, c_ip string, cs_method string, cs_host string,
  cs_uri_stem string, sc_status int, cs_referer string, cs_user_agent string, cs_uri_query string, cs_cookie string,
  x_edge_result_type string, x_edge_request_id string, x_host_header string, cs_protocol string, cs_bytes bigint,
  time_taken float, x_forwarded_for string, ssl_protocol string, ssl_cipher string, x_edge_response_result_type string,
  cs_protocol_version string, fle_status string, fle_encrypted_fields int, c_port int, time_to_first_byte float,
  x_edge_detailed_result_type string, sc_content_type string, sc_content_len bigint, sc_range_start bigint,
  sc_range_end bigint`;

const WORD = '([^ ]*)';
const NUMBER = '([-.0-9]*)';
const QUOTED = '"([^"]*)"';

/**
 * Fields of a load balancer's log in their order, each with what matches it (Elastic Load Balancing, access log entries). A request
 * may hold blanks and quotes, and AWS adds fields at the end.
 */
const LOAD_BALANCER_FIELDS: [fields: string, pattern: string][] = [
  ['type string', WORD],
  ['time string', WORD],
  ['elb string', WORD],
  ['client string', WORD],
  ['target string', WORD],
  ['request_processing_time double', NUMBER],
  ['target_processing_time double', NUMBER],
  ['response_processing_time double', NUMBER],
  ['elb_status_code int', NUMBER],
  ['target_status_code string', WORD],
  ['received_bytes bigint', NUMBER],
  ['sent_bytes bigint', NUMBER],
  ['request_verb string, request_url string, request_proto string', '"([^ ]*) (.*) ([^ ]*)"'],
  ['user_agent string', QUOTED],
  ['ssl_cipher string', WORD],
  ['ssl_protocol string', WORD],
  ['target_group_arn string', WORD],
  ['trace_id string', QUOTED],
  ['domain_name string', QUOTED],
  ['chosen_cert_arn string', QUOTED],
  ['matched_rule_priority string', WORD],
  ['request_creation_time string', WORD],
  ['actions_executed string', QUOTED],
  ['redirect_url string', QUOTED],
  ['error_reason string', QUOTED],
  ['target_port_list string', QUOTED],
  ['target_status_code_list string', QUOTED],
  ['classification string', QUOTED],
  ['classification_reason string', `${QUOTED}(?: .*)?`],
];

/** What reads a line of a load balancer's log. */
export const LOAD_BALANCER_LINE = LOAD_BALANCER_FIELDS.map(([, pattern]) => pattern).join(' ');

/** Columns of a load balancer's log, as many as the expression has groups. */
export const LOAD_BALANCER_COLUMNS = columns(LOAD_BALANCER_FIELDS.map(([fields]) => fields).join(', '));

/** A table of CloudFront's log. Its files lie side by side, so a query reads all of them; the workgroup limits how much. */
export function contentDeliveryTable(location: string): glue.CfnTable.TableInputProperty {
  return {
    name: 'content_delivery',
    description: 'Requests as CloudFront answered them',
    tableType: 'EXTERNAL_TABLE',
    parameters: { EXTERNAL: 'TRUE', 'skip.header.line.count': '2' },
    storageDescriptor: {
      columns: columns(CONTENT_DELIVERY_FIELDS),
      location,
      inputFormat: TEXT_INPUT,
      outputFormat: TEXT_OUTPUT,
      serdeInfo: {
        serializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
        parameters: { 'serialization.format': '\t', 'field.delim': '\t' },
      },
    },
  };
}

/** A table of a load balancer's log, a folder a day, of which Athena reads those only that a query asks for. */
export function loadBalancerTable(location: string, days: number): glue.CfnTable.TableInputProperty {
  return {
    name: 'load_balancer',
    description: 'Requests as the load balancer answered them',
    tableType: 'EXTERNAL_TABLE',
    partitionKeys: [{ name: 'day', type: 'string' }],
    parameters: {
      EXTERNAL: 'TRUE',
      'projection.enabled': 'true',
      'projection.day.type': 'date',
      'projection.day.format': 'yyyy/MM/dd',
      'projection.day.range': `NOW-${days}DAYS,NOW`,
      'projection.day.interval': '1',
      'projection.day.interval.unit': 'DAYS',
      // Athena's own variable, not one of this language.
      'storage.location.template': `${location}$\{day}/`,
    },
    storageDescriptor: {
      columns: LOAD_BALANCER_COLUMNS,
      location,
      inputFormat: TEXT_INPUT,
      outputFormat: TEXT_OUTPUT,
      serdeInfo: {
        serializationLibrary: 'org.apache.hadoop.hive.serde2.RegexSerDe',
        parameters: { 'serialization.format': '1', 'input.regex': LOAD_BALANCER_LINE },
      },
    },
  };
}

function columns(fields: string): LogColumn[] {
  return fields.split(',').map((field) => {
    const [name, type] = field.trim().split(' ');
    return { name, type };
  });
}
