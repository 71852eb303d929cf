import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { RawAnswer } from './raw-http.ts';
import { type Document, readDocument, type Target } from './targets.ts';

/** Matches internals of a program: stack traces, names of modules and files, messages of the database. */
export const INTERNALS =
  /\bat (async )?[\w.<>[\] ]*\(?(file:|node:|\/)[^\s)]+:\d+|node_modules|\/(services|packages)\/\w+\/|\.ts\b|[Pp]risma|\bP\d{4}\b|SELECT |INSERT INTO|relation "|ECONN|ENOENT|SQLSTATE|invocation/;

const ajv = addFormats.default(new Ajv2020({ strict: false }));
const known = new Map<string, Document>();

/** Checks a response of a route. @returns what is wrong with it, or undefined */
export function checkResponse(
  { operation, url, method, service }: Target,
  answer: RawAnswer,
): string | undefined {
  const { status, headers, body } = answer;
  const type = headers['content-type']?.split(';')[0];
  const servedBy = serviceOf(answer);
  if (status >= 400 || !operation || servedBy !== service) return checkAnyResponse(answer, url);
  const response = operation.responses[status];
  if (!response) return checkAnyResponse(answer, url) ?? `status ${status} is not in the document`;
  if (!body) return checkAnyResponse(answer, url); // a response to HEAD, or a status without a body
  if (!response.content?.[type ?? '']) return `content type ${type} is not in the document`;
  const path = [
    'paths',
    url.replace(/:(\w+)/g, '{$1}'),
    method.toLowerCase(),
    'responses',
    status,
    'content',
    type,
  ];
  return checkAnyResponse(answer, url) ?? checkBody(service, [...path, 'schema'].map(String), body);
}

/**
 * Checks the rules for every response, including those to unknown routes and a proxy's refusals.
 *
 * @param url path of the route: documentation and metrics may name internals
 */
export function checkAnyResponse(answer: RawAnswer, url = ''): string | undefined {
  const { status, headers, body } = answer;
  const internals = INTERNALS.exec(JSON.stringify(headers) + body)?.[0];
  if (internals && !/^\/(docs|metrics)/.test(url)) return `shows its inside: ${internals}`;
  const service = serviceOf(answer);
  // A proxy's response to an unknown transfer coding (RFC 9112, section 6.1).
  if (status === 501 && !service) return undefined;
  if (!(status >= 200 && status < 500)) return `status ${status}`;
  if (status < 400 || !service) return undefined;
  const isPage = service === 'storefront' && headers['content-type']?.startsWith('text/html');
  return isPage ? undefined : checkProblem(service, answer);
}

/** Returns the service that responded, or undefined for a proxy. */
function serviceOf({ headers }: RawAnswer): string | undefined {
  return headers['x-served-by']?.split('/')[0];
}

function checkProblem(service: string, { status, headers, body }: RawAnswer): string | undefined {
  if (headers['content-type'] !== 'application/problem+json; charset=utf-8') {
    return `status ${status} with content type ${headers['content-type']}`;
  }
  if (!body) return undefined; // a response to HEAD
  const problem = JSON.parse(body);
  if (problem.status !== status || !problem.type.startsWith('urn:meshmart:problem:'))
    return 'is another problem';
  return checkBody(service, ['components', 'schemas', 'Problem'], body);
}

function checkBody(service: string, path: string[], body: string): string | undefined {
  if (!known.has(service)) {
    known.set(service, readDocument(service));
    ajv.addSchema({ $id: service, ...known.get(service) });
  }
  const pointer = path
    .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/');
  const validate = ajv.getSchema(`${service}#/${pointer}`);
  if (!validate) throw new Error(`${service} has no ${pointer}`);
  if (validate(JSON.parse(body))) return undefined;
  return `not as the document has it: ${ajv.errorsText(validate.errors)}`;
}
