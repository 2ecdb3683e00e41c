// What the shells are told: ask `timemory completion`, and offer what it says.

#include <utility>

#include "cli/completion.hpp"

namespace tim::cli {
namespace {

constexpr std::string_view bash = R"script(# Completion of timemory for bash.

_timemory() {
    local words=() begins=() i word before="" kind="" first now cut=""
    # bash takes --option=value apart at the sign.
    for ((i = 1; i <= COMP_CWORD; ++i)); do
        word=${COMP_WORDS[i]}
        if ((${#words[@]} > 0)) && [[ $word == = || $before == = ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
            begins+=("$i")
        fi
        before=$word
    done
    now=${words[${#words[@]} - 1]}
    [[ $COMP_WORDBREAKS == *=* && $now == *=* ]] && cut=${now%=*}=

    COMPREPLY=()
    {
        read -r kind first
        while IFS=$'\t' read -r word _; do
            [[ $word == "$now"* ]] && COMPREPLY+=("${word#"$cut"}")
        done
    } < <("${COMP_WORDS[0]/#\~/$HOME}" completion bash "${words[@]}" 2>/dev/null)

    case $kind in
        files) compopt -o default ;;
        folders) compopt -o dirnames ;;
        command)
            if declare -F _command_offset >/dev/null; then
                _command_offset "${begins[first]}"
            elif ((first == ${#words[@]} - 1)); then
                mapfile -t COMPREPLY < <(compgen -c -- "$now")
            else
                compopt -o default
            fi
            ;;
        *) [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=-] ]] && compopt -o nospace ;;
    esac 2>/dev/null
    return 0
}

complete -F _timemory timemory
)script";

constexpr std::string_view zsh = R"script(#compdef timemory
# Completion of timemory for zsh.

_timemory() {
    local line item
    local -a lines kind items unfinished
    lines=("${(@f)$("${(Q)words[1]/#\~/$HOME}" completion zsh "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    kind=(${=lines[1]})
    case $kind[1] in
        files | folders)
            [[ $PREFIX == -*=* ]] && compset -P '*='
            if [[ $kind[1] == folders ]]; then _files -/; else _files; fi
            ;;
        command)
            shift $((kind[2] + 1)) words
            ((CURRENT -= kind[2] + 1))
            _normal
            ;;
        *)
            for line in $lines[2,-1]; do
                item=${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}
                if [[ $item == *[=-]:* && ${line%%$'\t'*} == *[=-] ]]; then
                    unfinished+=("$item")
                else
                    items+=("$item")
                fi
            done
            _describe timemory items -- unfinished -S ''
            ;;
    esac
}

# In a folder of fpath this file is the function itself; a shell may also read it.
if [[ $funcstack[1] == _timemory ]]; then
    _timemory "$@"
else
    compdef _timemory timemory
fi
)script";

constexpr std::string_view fish = R"script(# Completion of timemory for fish.

function __timemory_candidates
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l now (commandline -ct)
    set -l lines ($program completion fish $words "$now" 2>/dev/null)
    set -l kind (string split ' ' -- $lines[1])
    set -e lines[1]
    set -l front (string match -r '^-[^=]*=' -- $now)
    set -l name (string replace -r '^-[^=]*=' '' -- $now)
    switch "$kind[1]"
        case files
            printf "$front%s\n" (__fish_complete_path "$name")
        case folders
            printf "$front%s\n" (__fish_complete_directories "$name" Folder)
        case command
            set -l typed
            if test $kind[2] -lt (count $words)
                set typed (string escape -- $words[(math $kind[2] + 1)..-1])
            end
            complete -C (string join -- ' ' $typed "$now")
        case '*'
            string join -- \n $lines
    end
end

complete -c timemory -f -a '(__timemory_candidates)'
)script";

constexpr std::pair<std::string_view, std::string_view> scripts[] = {
    {"bash", bash}, {"zsh", zsh}, {"fish", fish}};

}  // namespace

std::vector<std::string> shells() {
    std::vector<std::string> names;
    for (const auto& [name, script] : scripts) names.emplace_back(name);
    return names;
}

std::string_view completion_script(std::string_view shell) {
    for (const auto& [name, script] : scripts)
        if (name == shell) return script;
    return {};
}

}  // namespace tim::cli
