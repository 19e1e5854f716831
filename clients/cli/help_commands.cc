// help_commands.cc: `relais completion` and `relais man`: both written from the commands as they
// are, so that neither can be out of step.
#include "clients/cli/program.h"

namespace relais::cli {

namespace {

using Apps = std::vector<const CLI::App*>;

Apps commands_of(const CLI::App& app) {
    return app.get_subcommands(
        [](const CLI::App* command) { return !command->get_name().empty(); });
}

// "--station", "-o", ...: every way to write an option of this command itself.
std::vector<std::string> words_of(const CLI::App& app) {
    std::vector<std::string> words;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
        for (const std::string& name : option->get_snames()) words.push_back("-" + name);
    }
    return words;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

// What may follow a command: its own commands, its options, the global ones.
std::string next_words(const CLI::App& command, const CLI::App& root) {
    std::vector<std::string> words;
    for (const CLI::App* inner : commands_of(command)) words.push_back(inner->get_name());
    for (const std::string& word : words_of(command)) words.push_back(word);
    if (&command != &root) {
        for (const std::string& word : words_of(root)) {
            if (word != "--help" && word != "-h" && word != "--version") words.push_back(word);
        }
    }
    return joined(words);
}

// A row of a shell's `case`: the commands typed so far, and what may follow.
void add_rows(const CLI::App& command, const CLI::App& root, const std::string& path,
              std::string& rows) {
    rows += "        \"" + path + "\") next=\"" + next_words(command, root) + "\" ;;\n";
    for (const CLI::App* inner : commands_of(command)) {
        add_rows(*inner, root, path.empty() ? inner->get_name() : path + " " + inner->get_name(),
                 rows);
    }
}

std::string case_rows(const CLI::App& app) {
    std::string rows;
    add_rows(app, app, "", rows);
    return rows;
}

// The words that name commands, in the order in which they may follow each other.
std::string command_names(const CLI::App& app) {
    std::string names;
    for (const CLI::App* command : commands_of(app)) {
        names += "|" + command->get_name();
        const std::string inner = command_names(*command);
        if (!inner.empty()) names += "|" + inner;
    }
    return names.empty() ? names : names.substr(1);
}

std::string bash_script(const CLI::App& app) {
    return "# bash completion of relais: . <(relais completion bash)\n"
           "_relais() {\n"
           "    local word path=\"\" next i\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        word=\"${COMP_WORDS[i]}\"\n"
           "        case \"$word\" in\n"
           "            " +
           command_names(app) +
           ") path=\"${path:+$path }$word\" ;;\n"
           "        esac\n"
           "    done\n"
           "    case \"$path\" in\n" +
           case_rows(app) +
           "        *) next=\"\" ;;\n"
           "    esac\n"
           "    COMPREPLY=($(compgen -W \"$next\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
           "}\n"
           "complete -o default -F _relais relais\n";
}

std::string zsh_script(const CLI::App& app) {
    return "#compdef relais\n"
           "# zsh completion of relais: relais completion zsh > ~/.zfunc/_relais\n"
           "_relais() {\n"
           "    local word path_typed=\"\" next i\n"
           "    for ((i = 2; i < CURRENT; i++)); do\n"
           "        word=\"${words[i]}\"\n"
           "        case \"$word\" in\n"
           "            " +
           command_names(app) +
           ") path_typed=\"${path_typed:+$path_typed }$word\" ;;\n"
           "        esac\n"
           "    done\n"
           "    case \"$path_typed\" in\n" +
           case_rows(app) +
           "        *) next=\"\" ;;\n"
           "    esac\n"
           "    compadd -- ${=next}\n"
           "    _files\n"
           "}\n"
           "_relais \"$@\"\n";
}

std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

void add_fish(const CLI::App& command, const std::string& condition, std::string& script) {
    const std::string begin =
        "complete -c relais" + (condition.empty() ? "" : " -n " + quoted(condition));
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            script += begin + " -l " + name + " -d " + quoted(option->get_description()) + "\n";
        }
    }
    for (const CLI::App* inner : commands_of(command)) {
        const std::string here = condition.empty() ? "__fish_use_subcommand" : condition;
        script += "complete -c relais -n " + quoted(here) + " -a " + inner->get_name() + " -d " +
                  quoted(inner->get_description()) + "\n";
        const std::string seen = "__fish_seen_subcommand_from " + inner->get_name();
        add_fish(*inner, condition.empty() ? seen : condition + "; and " + seen, script);
    }
}

}  // namespace

Result<std::string> completion(const CLI::App& app, const std::string& shell) {
    if (shell == "bash") return bash_script(app);
    if (shell == "zsh") return zsh_script(app);
    if (shell != "fish") {
        return fail(ErrorCode::usage, "« " + shell + " » : bash, zsh ou fish attendu");
    }
    std::string script = "# fish completion of relais: relais completion fish | source\n";
    add_fish(app, "", script);
    return script;
}

void add_help(CLI::App& app, Program& program) {
    CLI::App* shell = add_command(app, "completion", "Complétion pour bash, zsh ou fish",
                                  "  . <(relais completion bash)");
    auto name = std::make_shared<std::string>();
    shell->add_option("interpréteur", *name, "bash, zsh ou fish")->required();
    on_run(*shell, program, [&app, &context = program.context, name]() -> Result<void> {
        RELAIS_ASSIGN(const std::string script, completion(app, *name));
        context.out.text(script);
        context.out.result({{"shell", *name}, {"script", script}});
        return {};
    });
    CLI::App* manual =
        add_command(app, "man", "La page de manuel, au format roff", "  relais man | man -l -");
    on_run(*manual, program, [&app, &context = program.context]() -> Result<void> {
        const std::string page = manual_page(app);
        context.out.text(page);
        context.out.result({{"page", page}});
        return {};
    });
}

}  // namespace relais::cli
