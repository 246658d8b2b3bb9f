package leak

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/secgen/secgen/manifest"
)

// noise is n characters that look made by a machine. Credentials of the tests
// are put together here, so that no scanner finds one in this file.
func noise(alphabet string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteByte(alphabet[(i*i*7+i*3+5)%len(alphabet)])
	}
	return b.String()
}

const (
	alnum = "q8ZrT2vLm5XcK9sWb3NhYd7Pf4GjRt6Ea1UkVo0Ci"
	upper = "QZ7TLM5XCK3WBNHYD2PFGJRT6EAUKVO4"
	hex   = "0f3a9c5e7b1d2846"
)

func webTokenOf(header, body string) string {
	e := base64.RawURLEncoding
	return e.EncodeToString([]byte(header)) + "." + e.EncodeToString([]byte(body)) + "." + noise(alnum, 43)
}

func parse(t testing.TB, source string) *manifest.Node {
	t.Helper()
	var y yaml.Node
	if err := yaml.Unmarshal([]byte(source), &y); err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	n, err := manifest.FromYAML(&y, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func found(o *manifest.Node) []string {
	var got []string
	for _, l := range Find(o) {
		got = append(got, fmt.Sprintf("%s %s: %s", l.Evidence, l.Path, l.Noun))
	}
	return got
}

func TestFormats(t *testing.T) {
	for text, want := range map[string]string{
		"AKIA" + noise(upper, 16):             "an AWS access key",
		"AKIAIOSFODNN7EXAMPLE":                "",
		"AIza" + noise(alnum, 35):             "a Google API key",
		"ghp_" + noise(alnum, 36):             "a GitHub token",
		"ghp_" + strings.Repeat("x", 36):      "",
		"ghp_" + noise(alnum, 12):             "",
		"x: glpat-" + noise(alnum, 20):        "a GitLab token",
		"xoxb-1234-" + noise(alnum, 24):       "a Slack token",
		"npm_" + noise(alnum, 36):             "an npm token",
		"sk_live_" + noise(alnum, 24):         "a Stripe key",
		"sk_test_" + noise(alnum, 24):         "",
		"dop_v1_" + noise(hex, 64):            "a DigitalOcean token",
		"hvs." + noise(alnum, 30):             "a Vault token",
		"AGE-SECRET-KEY-1" + noise(upper, 58): "an age key",
		"https://hooks.slack.com/services/T" + noise(upper, 9) + "/B" + noise(upper, 9) + "/" + noise(alnum, 24): "a Slack webhook",
		"https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX":                          "",
		"-----BEGIN RSA PRIVATE KEY-----\n" + noise(alnum, 64) + "\n-----END RSA PRIVATE KEY-----":               "a private key",
		`{"private_key": "-----BEGIN PRIVATE KEY-----\n` + noise(alnum, 64) + `\n"}`:                             "a private key",
		"-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----":                                            "",
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + noise(alnum, 64):                                             "",
		"-----BEGIN CERTIFICATE-----\n" + noise(alnum, 64):                                                       "",
		webTokenOf(`{"alg":"RS256","typ":"JWT"}`, `{"sub":"shop","admin":true}`):                                 "a JSON web token",
		webTokenOf(`{"alg":"HS256","typ":"JWT"}`, `{"sub":"1234567890","name":"John Doe"}`):                      "",
		webTokenOf(`{"alg":"none","typ":"JWT"}`, `{"sub":"shop","admin":true}`):                                  "",
		"docker.io/library/nginx@sha256:" + noise(hex, 64):                                                       "",
		registryLogin("ci:" + noise(alnum, 12)):                                                                  "a password for a registry",
		registryLogin("ci:example-password"):                                                                     "",
		registryLogin("ci:${REGISTRY_PASSWORD}"):                                                                 "",
		registryLogin("a long user without password"):                                                            "",
		`{"auths":{"de.icr.io":{"auth":"c29tZXRoaW5nL24="`:                                                       "",
		"hello": "",
	} {
		if got := strings.Join(formats(text), ", "); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// registryLogin is a registry client's configuration.
func registryLogin(login string) string {
	return `{"auths": {"de.icr.io": {"auth": "` + base64.StdEncoding.EncodeToString([]byte(login)) + `"}}}`
}

func TestPromises(t *testing.T) {
	for name, want := range map[string]promise{
		"DB_PASSWORD": password, "spring.datasource.password": password, "rootPassword": password, "PGPASSWORD": password, "DB_PASS": password,
		"clientSecret": token, "API_KEY": token, "aws-secret-access-key": token, "token": token, "GITHUB_TOKEN": token, "apikey": token,
		"passwordFile": nothing, "PASSWORD_FILE": nothing, "secretName": nothing, "TOKEN_URL": nothing, "key": nothing, "PUBLIC_KEY": nothing,
		"pass": nothing, "bypass": nothing, "tokens": nothing, "secretKeyRef": nothing, "compass": nothing, "partition_key": nothing, "": nothing,
	} {
		if got := promises(name); got != want {
			t.Errorf("%s: got %d, want %d", name, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	pod := func(rest string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, " + rest + "}]}"
	}
	env := func(name, value string) string { return pod(fmt.Sprintf("env: [{name: %s, value: %q}]", name, value)) }
	config := func(key, value string) string {
		return fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {%s: %q}", key, value)
	}
	const envAt = "spec.containers[0].env[0].value"
	for name, row := range map[string]struct {
		source string
		want   []string
	}{
		"password of a variable":         {env("DB_PASSWORD", "hunter2"), []string{"name " + envAt + ": a password"}},
		"token of a variable":            {env("API_TOKEN", noise(alnum, 24)), []string{"name " + envAt + ": a key or token"}},
		"name of a secret":               {env("API_TOKEN", "shop-api-token-v2"), nil},
		"setting":                        {env("MYSQL_ALLOW_EMPTY_PASSWORD", "true"), nil},
		"placeholder":                    {env("DB_PASSWORD", "changeme"), nil},
		"variable":                       {env("DB_PASSWORD", "$(OTHER)"), nil},
		"Flux variable":                  {env("DB_PASSWORD", "${DB_PASSWORD}"), nil},
		"vault":                          {env("DB_PASSWORD", "vault:secret/data/db#password"), nil},
		"path":                           {env("DB_PASSWORD", "/run/secrets/db"), nil},
		"file":                           {env("DB_PASSWORD_FILE", "hunter2"), nil},
		"stars":                          {env("DB_PASSWORD", "********"), nil},
		"URL":                            {env("DB_URL", "postgres://shop:hunter2@db:5432/shop"), []string{"url " + envAt + ": a password in a URL"}},
		"URL without password":           {env("DB_URL", "postgres://shop@db:5432/shop"), nil},
		"URL with variable":              {env("DB_URL", "postgres://shop:$(PASSWORD)@db/shop"), nil},
		"URL of documentation":           {env("DB_URL", "postgres://user:password@host/db"), nil},
		"connection string":              {env("DB", "Server=db;Database=shop;User Id=sa;Password=hunter2;"), []string{"url " + envAt + ": a password in a connection string"}},
		"JDBC":                           {env("DB", "jdbc:mysql://db/shop?user=shop&password=hunter2"), []string{"url " + envAt + ": a password in a connection string"}},
		"JDBC with variable":             {env("DB", "jdbc:mysql://db/shop?user=shop&password=${DB_PASSWORD}"), nil},
		"flag":                           {pod("args: [--user=shop, --password=hunter2]"), []string{"name spec.containers[0].args[1]: a password"}},
		"flag and value":                 {pod("args: [--password, hunter2, --other]"), []string{"name spec.containers[0].args[1]: a password"}},
		"flag of a file":                 {pod("args: [--password-file, hunter2]"), nil},
		"flag without value":             {pod("args: [--password, --verbose]"), nil},
		"format in a command":            {pod(fmt.Sprintf("command: [sh, -c, 'curl -H \"PRIVATE-TOKEN: glpat-%s\" x']", noise(alnum, 20))), []string{"format spec.containers[0].command[2]: a GitLab token"}},
		"entry of a config map":          {config("password", "hunter2"), []string{"name data.password: a password"}},
		"file of a config map":           {config("app.properties", "# password=abcDEF123xyz\ndb.user=shop\ndb.password=abcDEF123xyz\n"), []string{"name data[\"app.properties\"]: a password"}},
		"script of a config map":         {config("run.sh", "password=$(cat /run/secret)\nPASSWORD=\"$1\"\nexport TOKEN=`get`\n"), nil},
		"code of a config map":           {config("a.py", "token = get_token2()\npassword = config['password1']\nsecret: str = None\n"), nil},
		"names in a config map":          {config("a.yaml", "secret: db-credentials-v2\npasswordKey: password\ntoken: service-account-1\n"), nil},
		"field of a custom resource":     {"apiVersion: example.com/v1\nkind: Db\nmetadata: {name: a}\nspec: {auth: {password: Xk29fLq81z}}", nil},
		"long one of a custom resource":  {"apiVersion: example.com/v1\nkind: Db\nmetadata: {name: a}\nspec: {auth: {password: Xk29fLq81zPw7}}", []string{"name spec.auth.password: a password"}},
		"reference of a custom resource": {"apiVersion: example.com/v1\nkind: Db\nmetadata: {name: a}\nspec: {password: {name: db, key: password}, tokenSecret: shop-token-1}", nil},
		"values of a Secret":             {"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: hunter2}", nil},
		"sealed":                         {"apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a}\nspec: {encryptedData: {token: " + noise(alnum, 40) + "}}", nil},
		"encrypted by SOPS":              {config("password", "ENC[AES256_GCM,data:abc,iv:def]"), nil},
		"address in an annotation":       {"apiVersion: v1\nkind: Service\nmetadata: {name: a, annotations: {owner: 'Jo Miller <jo.miller@shop.de>'}}", []string{"personal metadata.annotations.owner: an e-mail address"}},
		"address of a role":              {"apiVersion: v1\nkind: Service\nmetadata: {name: a, annotations: {owner: platform-team@shop.de}}", nil},
		"address of documentation":       {config("a", "jo.miller@example.com, x@shop.example"), nil},
		"account on a machine":           {config("a", "git@github.com:shop/web.git ssh://jo@host.shop.de jo@web.shop.de:/srv"), nil},
		"address in a config map":        {config("a", "notify: jo.miller@shop.de"), []string{"personal data.a: an e-mail address"}},
		"address in a comment":           {config("a", "# by jo.miller@shop.de\nx: 1\n"), nil},
		"address elsewhere":              {env("MAIL", "jo.miller@shop.de"), nil},
		"bank account":                   {config("a", "pay to DE89 3704 0044 0532 0130 00"), []string{"personal data.a: a bank account number"}},
		"no bank account":                {config("a", "pay to DE89 3704 0044 0532 0130 01"), nil},
		"card":                           {config("a", "card 4539 1488 0343 6467"), []string{"personal data.a: a payment card number"}},
		"no card":                        {config("a", "card 4539 1488 0343 6468, test 4242 4242 4242 4242"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := found(parse(t, row.source)); !slices.Equal(got, row.want) {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// TestFirstLine: a leak names the line of a text on which it begins, the first of
// several.
func TestFirstLine(t *testing.T) {
	token := "glpat-" + noise(alnum, 20)
	begin := "-----BEGIN " + "PRIVATE KEY-----\n"
	for name, row := range map[string]struct {
		text string
		want int
	}{
		"first line":        {token + "\nb\n", 0},
		"format":            {"a\nb: " + token + "\nc: " + token + "\nd\n", 1},
		"no break at end":   {"a\n\nb: " + token, 2},
		"private key":       {"# key\nkey: x\n" + begin + noise(alnum, 64) + "\n" + noise(alnum, 64) + "\n", 2},
		"two private keys":  {"a\n" + begin + "\n\n" + noise(alnum, 64) + "\n" + begin + noise(alnum, 64) + "\n", 1},
		"URL":               {"a=b\nurl=postgres://shop:hunter2@db/shop\nc=d\n", 1},
		"connection string": {"a=b\nc=d\nServer=db;Database=shop;User Id=sa;Password=hunter2;\n", 2},
		"name":              {"a=b\n\n\ndb.password=abcDEF123xyz\n", 3},
	} {
		t.Run(name, func(t *testing.T) {
			object := manifest.Of(map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "data": map[string]any{"a": row.text}})
			leaks := Find(object)
			if len(leaks) != 1 || leaks[0].Line != row.want {
				t.Errorf("got %+v, want one in line %d", leaks, row.want)
			}
		})
	}
}

// A leak says nothing of its value.
func TestLeaksAreDiscreet(t *testing.T) {
	secret := "glpat-" + noise(alnum, 20)
	o := parse(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, args: ['--token="+secret+"', --token, "+secret+"], env: [{name: T, value: "+secret+"}]}]}")
	leaks := Find(o)
	if len(leaks) != 3 {
		t.Fatalf("found %d leaks, want 3", len(leaks))
	}
	for _, l := range leaks {
		if text := fmt.Sprintf("%+v", l); strings.Contains(text, secret[6:]) {
			t.Errorf("%s tells the value", text)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"a=b", "postgres://a:b@c", "DE89370400440532013000", "4539 1488 0343 6467", "eyJhbGciOiJ9.eyJ.x", "-----BEGIN PRIVATE KEY-----", "jo@shop.de", "password: x1y2z3w4v5"} {
		f.Add("password", seed)
	}
	f.Fuzz(func(t *testing.T, key, text string) {
		x := finder{people: true}
		x.text(key, text, true)
		x.text(key, text+"\n"+text, false)
		for _, l := range x.leaks {
			if l.Noun == "" || l.Evidence == "" {
				t.Errorf("a leak without a name: %+v", l)
			}
		}
	})
}
