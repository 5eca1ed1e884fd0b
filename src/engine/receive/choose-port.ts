import { connect } from "node:net";
import { err, messageOf, ok, type Result } from "../../base/result.ts";

export interface ChosenPort {
  readonly port: number;
  /** Whether the wanted port belonged to somebody else. */
  readonly wasTaken: boolean;
}

/** How long a neighbour may take to accept the connection that tells whether there is one. */
const PROBE_TIMEOUT_MS = 500;

/**
 * Listens on the wanted port, or on a free one where that is taken or reserved (Windows keeps whole ranges for
 * itself). 0 asks for any free port.
 *
 * @param listen listens on a port and resolves to the one it got; rejects where it cannot
 */
export async function choosePort(
  host: string,
  wanted: number,
  listen: (port: number) => Promise<number>,
): Promise<Result<ChosenPort, string>> {
  if (wanted !== 0 && !(await somebodyListens(host, wanted))) {
    try {
      return ok({ port: await listen(wanted), wasTaken: false });
    } catch {
      // Whatever the reason was, a free port is the remedy; what ails every port shows below.
    }
  }
  try {
    return ok({ port: await listen(0), wasTaken: wanted !== 0 });
  } catch (thrown) {
    return err(messageOf(thrown));
  }
}

/**
 * macOS and Windows let a second program listen on 127.0.0.1 while another listens on all addresses, and it would
 * then get the other's connections. So ask first.
 */
function somebodyListens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: isAnyAddress(host) ? "127.0.0.1" : host, port });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => settle(false));
    socket.on("connect", () => settle(true));
    socket.on("error", () => settle(false));
  });
}

function isAnyAddress(host: string): boolean {
  return host === "0.0.0.0" || host === "::" || host === "";
}
