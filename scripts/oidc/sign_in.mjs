// The sign-in page: a name, a password, a button.

export async function signIn(provider, people, prefix, request, response) {
  try {
    const { uid } = await provider.interactionDetails(request, response);
    if (request.method !== 'POST') return page(response, `${prefix}/interaction/${uid}`);
    const form = new URLSearchParams(await body(request));
    const person = people.find((one) => one.id === form.get('name') && one.password === form.get('password'));
    if (!person) return page(response, `${prefix}/interaction/${uid}`, 'That name or password is wrong.');
    return await provider.interactionFinished(request, response, { login: { accountId: person.id } });
  } catch (problem) {
    response.writeHead(400, { 'Content-Type': 'text/plain' }).end(problem.name);
  }
}

function page(response, action, problem = '') {
  response.writeHead(problem ? 401 : 200, { 'Content-Type': 'text/html; charset=utf-8' }).end(`<!doctype html>
<title>Sign in</title>
<form method="post" action="${action}">
  <p>${problem}</p>
  <label>Name <input name="name" autocomplete="username" autofocus></label>
  <label>Password <input name="password" type="password"></label>
  <button>Sign in</button>
</form>
`);
}

async function body(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 10_000) throw new Error('too long');
  }
  return text;
}
